// Puts 60,000 texts of 800 characters into keyed state, and reads them back: 48 MB and more, under whatever
// heap this process was given. Its argument is the kind of backend.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeapStateBackend } from '../../engine/state/heap-keyed-state.ts';
import { LmdbStateBackend } from '../../engine/state/lmdb-keyed-state.ts';

const KEYS = 60_000;
const settings = {
  maxParallelism: 128,
  keyGroups: { start: 0, end: 127 },
  clock: { now: () => 0 },
  objectReuse: false,
};
const directory = mkdtempSync(join(tmpdir(), 'sluice-test-'));
const backend =
  process.argv[2] === 'lmdb'
    ? new LmdbStateBackend({ ...settings, directory, name: 'large', cacheBytesMax: 2 ** 21 })
    : new HeapStateBackend(settings);
const state = backend.value<{ text: string }>({ name: 'state' }, { text: '' });
const textOf = (key: number): string => String(key).repeat(800 / String(key).length + 1);
for (let key = 0; key < KEYS; key++) {
  backend.setCurrentKey(key);
  state.update({ text: Buffer.from(textOf(key)).toString('latin1') });
}
let wrong = 0;
for (let key = 0; key < KEYS; key++) {
  backend.setCurrentKey(key);
  if (state.value().text !== textOf(key)) wrong++;
}
process.stdout.write(`${wrong} of ${KEYS} wrong\n`);
await backend.close();
rmSync(directory, { recursive: true });
