// Planted bugs of barriers and snapshots: what a task does at a checkpoint.

import type { PlantedBug } from './planted-bug.ts';

export const BARRIER_BUGS: readonly PlantedBug[] = [
  {
    name: 'no alignment',
    file: 'checkpoint/barrier-handler.ts',
    find: "this.#blocks = mode === 'aligned';",
    replace: 'this.#blocks = false;',
    breaks: 'no record behind a barrier is in its snapshot',
  },
  {
    name: 'one barrier is not waited for',
    file: 'checkpoint/barrier-handler.ts',
    find: 'if (alignment.arrived.size < this.#channels) return [];',
    replace: 'if (alignment.arrived.size < this.#channels - 1) return [];',
    breaks: 'every record before a barrier is in its snapshot',
  },
  {
    name: 'alignment waits for channels that have ended',
    file: 'checkpoint/barrier-handler.ts',
    find: 'const arrived = new Set(this.#ended);',
    replace: 'const arrived = new Set<number>();',
    breaks: 'an alignment ends',
  },
  {
    name: 'a channel that ends completes no alignment',
    file: 'task/input-gate.ts',
    find: "return end === 'partition' ? this.#apply(this.#barriers.onEnd(channel)) : [];",
    replace: 'return [];',
    breaks: 'an alignment ends',
  },
  {
    name: 'snapshot taken a little later',
    file: 'task/task-checkpoint.ts',
    find: "  const snapshot = takeSnapshot(chain, contexts, barrier, chained?.extent ?? 'whole');",
    replace:
      "  await new Promise<void>((done) => void clock.after(1, done));\n  const snapshot = takeSnapshot(chain, contexts, barrier, chained?.extent ?? 'whole');",
    breaks: 'a snapshot is of the moment of its barrier',
  },
  {
    name: 'the same trigger is taken twice',
    file: 'runtime/taskexecutor/task-reports.ts',
    find: "task.triggeredCheckpoint >= checkpointId) return 'known';",
    replace: "checkpointId < 0) return 'known';",
    breaks: 'a part of a checkpoint is written once',
  },
  {
    name: 'half of an element in the snapshot',
    file: 'task/stream-task.ts',
    find: '    if (!this.#parts.chain.canSnapshot) return false;',
    replace: '',
    breaks: 'a snapshot is taken between elements',
  },
  {
    // That such a barrier is passed on as one that is cancelled only saves time: its coordinator tells every task, and
    // a later barrier on the same channel says the same.
    name: 'an alignment that was given up blocks on',
    file: 'checkpoint/barrier-handler.ts',
    find: "    return [...this.#unblock(), { kind: 'abort', barrier, reason }];",
    replace: "    return [{ kind: 'abort', barrier, reason }];",
    breaks: 'whoever waits for a barrier that does not come goes on',
  },
];
