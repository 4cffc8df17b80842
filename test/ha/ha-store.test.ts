// The contract, over a log in memory and over one in a directory; and what only a directory can suffer.

import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemFileSystem } from '../../engine/core/system-file-system.ts';
import { FileBackend } from '../../engine/ha/file-backend.ts';
import { JournaledHaStore } from '../../engine/ha/journaled-store.ts';
import { haStoreContract } from '../contract/ha-store-contract.ts';
import { memoryBackend } from '../harness/memory-backend.ts';
import { MemoryFiles } from '../harness/memory-files.ts';
import { SimulatedClock } from '../harness/simulated-clock.ts';

describe('in memory', () => {
  haStoreContract(() => {
    const backend = memoryBackend();
    return ({ clock }, leaseTimeoutMs) => new JournaledHaStore(backend, clock, { leaseTimeoutMs });
  });
});

describe('in a directory', () => {
  haStoreContract(() => ({ name, clock, files }, leaseTimeoutMs) => {
    const backend = new FileBackend(files, '/ha', name);
    return new JournaledHaStore(backend, clock, { leaseTimeoutMs });
  });
});

const entry = (number: number, text: string) => ({ number, bytes: Buffer.from(text) });

test('of processes that write the same entry of a real directory one succeeds', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-ha-'));
  const backends = ['a', 'b', 'c'].map((id) => new FileBackend(systemFileSystem, directory, id));
  for (let number = 1; number <= 40; number++) {
    const wins = await Promise.all(
      backends.map((backend, i) => backend.append(entry(number, `${i}`))),
    );
    expect(wins.filter((won) => won)).toHaveLength(1);
    const latest = await backends[0]?.latest();
    expect(latest?.number).toBe(number);
    expect(Buffer.from(latest?.bytes ?? []).toString()).toBe(`${wins.indexOf(true)}`);
  }
  expect(readdirSync(join(directory, 'log')).length).toBeLessThanOrEqual(17);
});

test('a name that became free is not taken for the next entry', async () => {
  const files = new MemoryFiles();
  const [awake, asleep] = ['a', 'b'].map((id) => new FileBackend(files, '/ha', id));
  for (let number = 1; number <= 60; number++) await awake?.append(entry(number, 'awake'));
  expect(files.paths).not.toContain('/ha/log/000000000007');
  expect(await asleep?.append(entry(7, 'asleep'))).toBe(false);
  expect((await awake?.latest())?.number).toBe(60);
});

test('what has been written outlives a loss of power', async () => {
  const files = new MemoryFiles();
  const backend = new FileBackend(files, '/ha', 'a');
  for (let number = 1; number <= 3; number++) await backend.append(entry(number, `${number}`));
  await backend.writeFile('job', Buffer.from('job'));
  files.losePower();
  expect((await backend.latest())?.number).toBe(3);
  expect(await backend.readFile('job')).toEqual(Uint8Array.from(Buffer.from('job')));
});

test('a full disk refuses a write, and the next one goes on from where it was', async () => {
  const files = new MemoryFiles();
  const backend = new FileBackend(files, '/ha', 'a');
  await backend.append(entry(1, 'one'));
  files.before = (operation) => {
    if (operation === 'writeFile') throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
  };
  await expect(backend.append(entry(2, 'two'))).rejects.toThrow('ENOSPC');
  files.before = () => undefined;
  expect(await backend.append(entry(2, 'two'))).toBe(true);
});

test('an entry that the disk has altered is told by name, and nobody leads from it', async () => {
  const files = new MemoryFiles();
  const backend = new FileBackend(files, '/ha', 'a');
  await backend.append(entry(1, 'no checksum at all'));
  const clock = new SimulatedClock();
  const store = new JournaledHaStore(backend, clock, { leaseTimeoutMs: 1_000 });
  const problems: unknown[] = [];
  let hasLed = false;
  store.stand({
    address: () => ({ rpc: '', rest: '' }),
    onElected: () => {
      hasLed = true;
    },
    onProblem: (error) => problems.push(error),
  });
  await clock.advance(5_000);
  expect(hasLed).toBe(false);
  expect(String(problems[0])).toContain('entry 1 is damaged');
});
