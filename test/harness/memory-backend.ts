// The log of a HaStore in memory, for JobManagers of one process.

import { must } from '../../engine/core/assert.ts';
import type { HaBackend, NumberedEntry } from '../../engine/ha/ha-backend.ts';

export function memoryBackend(): HaBackend {
  const files = new Map<string, Uint8Array>();
  let latest: NumberedEntry | undefined;
  let lease: Uint8Array | undefined;
  return {
    latest: () => Promise.resolve(latest),
    latestNumber: () => Promise.resolve(latest?.number ?? 0),
    append(entry) {
      if (entry.number !== (latest?.number ?? 0) + 1) return Promise.resolve(false);
      latest = entry;
      return Promise.resolve(true);
    },
    readLease: () => Promise.resolve(lease),
    writeLease(bytes) {
      lease = bytes;
      return Promise.resolve();
    },
    writeFile(name, bytes) {
      files.set(name, bytes);
      return Promise.resolve();
    },
    readFile: async (name) => must(files.get(name), `file ${name}`),
    removeFile(name) {
      files.delete(name);
      return Promise.resolve();
    },
  };
}
