// Puts texts into keyed state on disk until the system takes no more, and says what is thrown then. It is to be run
// where a file may have so many bytes only: `ulimit -f`.

import { MachineError } from '../../engine/core/errors.ts';
import { LmdbStateBackend } from '../../engine/state/lmdb-keyed-state.ts';

const [directory = ''] = process.argv.slice(2);
const backend = new LmdbStateBackend({
  maxParallelism: 128,
  keyGroups: { start: 0, end: 127 },
  clock: { now: () => 0 },
  objectReuse: false,
  directory,
  name: 'full',
  cacheBytesMax: 0,
});
const state = backend.value<string>({ name: 'state' }, '');
const text = 'x'.repeat(1_000);
try {
  for (let key = 0; key < 50_000; key++) {
    backend.setCurrentKey(key);
    state.update(text);
  }
  process.stdout.write('it took all');
} catch (error) {
  const kind = error instanceof MachineError ? 'the machine' : 'the program';
  process.stdout.write(`${kind}: ${(error as Error).message}`);
}
await backend.close();
