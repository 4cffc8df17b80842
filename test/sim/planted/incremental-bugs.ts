// Planted bugs of incremental checkpoints: what has changed, in which order it is read, and which files stay.

import { incremental, incrementalRetained } from './needs.ts';
import type { PlantedBug } from './planted-bug.ts';

export const INCREMENTAL_BUGS: readonly PlantedBug[] = [
  {
    name: 'what is gone comes back',
    file: 'state/heap/row-changes.ts',
    find: '    if (was && !(is && same?.key(at) === true)) found.gone.push(at);',
    replace: '',
    breaks: 'changes hold what was removed',
    needs: incremental,
  },
  {
    name: 'objects that change in place are not written',
    file: 'state/heap/row-pages.ts',
    find: '    if (before !== undefined && before[at] === value) before[at] = CHANGED;',
    replace: '',
    breaks: 'changes hold what was changed in place',
    needs: incremental,
  },
  {
    name: 'changes are read before what they change',
    file: 'task/snapshot-chain.ts',
    find: 'const files = isFile ? [...before, handle] : [];',
    replace: 'const files = isFile ? [handle, ...before] : [];',
    breaks: 'a chain is read in its order',
    needs: incremental,
  },
  {
    name: 'changes go on behind a file that was not written',
    file: 'task/snapshot-chain.ts',
    find: '    if (checkpoint === this.#writing) this.#end();',
    replace: '    if (checkpoint === this.#writing) this.#writing = undefined;',
    breaks: 'a chain has no gap',
    needs: incremental,
  },
  {
    name: 'changes are since a savepoint',
    file: 'task/snapshot-chain.ts',
    find: '    if (isSavepoint(kind) || this.#writing !== undefined) {',
    replace: '    if (this.#writing !== undefined) {',
    breaks: 'a savepoint stands alone',
    needs: incremental,
  },
  {
    name: 'files go that kept checkpoints hold',
    file: 'checkpoint/shared-files.ts',
    find: '.difference(needed);',
    replace: ';',
    breaks: 'what a restart needs is there',
    needs: incremental,
  },
  {
    name: 'only the latest checkpoint keeps its files',
    file: 'checkpoint/shared-files.ts',
    find: '    const needed = new Set(kept.flatMap(sharedBy));',
    replace: '    const needed = new Set(kept.slice(-1).flatMap(sharedBy));',
    breaks: 'every checkpoint that is kept can be read',
    needs: incrementalRetained,
  },
  {
    name: 'files that nothing holds stay',
    file: 'checkpoint/shared-files.ts',
    find: '[...unneeded].map((path) => this.#files.remove(path))',
    replace: '[...unneeded].slice(1).map((path) => this.#files.remove(path))',
    breaks: 'files go with the last checkpoint that holds them',
    needs: incremental,
  },
];
