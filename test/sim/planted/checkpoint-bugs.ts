// Planted bugs of checkpoints as a whole: what is durable when, what is kept, what completes.

import type { PlantedBug } from './planted-bug.ts';

export const CHECKPOINT_BUGS: readonly PlantedBug[] = [
  {
    name: 'acknowledged before it is written',
    file: 'task/task-checkpoint.ts',
    find: '  await files.writeFile(path, counted());\n  await files.syncDirectory(directory);',
    replace:
      '  const all: Uint8Array[] = [];\n  for await (const piece of counted()) all.push(Buffer.from(piece));\n  void files.writeFile(path, Buffer.concat(all)).then(() => files.syncDirectory(directory)).catch(() => undefined);',
    breaks: 'what is acknowledged is durable',
  },
  {
    name: 'acknowledged before its name is durable',
    file: 'task/task-checkpoint.ts',
    find: '  await files.syncDirectory(directory);',
    replace: '',
    breaks: 'what is acknowledged is durable',
  },
  {
    name: 'metadata whose name is not durable',
    file: 'checkpoint/checkpoint-storage.ts',
    find: '    await this.#files.syncDirectory(checkpoint.path);',
    replace: '',
    breaks: 'a checkpoint is complete when it is durable',
  },
  {
    name: 'complete before its metadata is written',
    file: 'runtime/jobmaster/job-checkpoints.ts',
    find: '    storing.then(\n      () => this.#on(',
    replace: '    Promise.resolve().then(\n      () => this.#on(',
    breaks: 'a checkpoint is complete when it is durable',
  },
  {
    name: 'old checkpoints go before the new one is durable',
    file: 'runtime/jobmaster/job-checkpoints.ts',
    find: '    const storing = this.#files.store(checkpoint);',
    replace:
      '    for (const one of this.#completed.kept) this.#discard(one.checkpointId);\n    const storing = this.#files.store(checkpoint);',
    breaks: 'what a restart needs is there',
  },
  {
    name: 'one checkpoint too many is removed',
    file: 'runtime/jobmaster/completed-checkpoints.ts',
    find: 'this.#kept.splice(0, this.#kept.length - this.#retained);',
    replace: 'this.#kept.splice(0, this.#kept.length - this.#retained + 1);',
    breaks: 'as many checkpoints are kept as were asked for',
  },
  {
    name: 'what is given up stays on the disk',
    file: 'checkpoint/checkpoint-coordinator.ts',
    find: "      { kind: 'discard', checkpointId },",
    replace: '',
    breaks: 'nothing is left of a checkpoint that was given up',
  },
  {
    name: 'an earlier checkpoint completes after a later one',
    file: 'checkpoint/checkpoint-coordinator.ts',
    find: "(other) => other.checkpointId < checkpointId && other.kind === 'checkpoint',",
    replace: '() => false,',
    breaks: 'checkpoints complete in the order of their ids',
  },
  {
    name: 'a restart goes back past a completed checkpoint',
    file: 'runtime/jobmaster/completed-checkpoints.ts',
    find: 'return this.#kept.at(-1) ?? this.#origin;',
    replace: 'return this.#kept.at(0) ?? this.#origin;',
    breaks: 'what was committed is not made again',
  },
  {
    name: 'a checkpoint outlives the failure of its tasks',
    file: 'runtime/jobmaster/job-master.ts',
    find: "      onTaskFailed: () => this.checkpoints.stop('The job has failed.'),",
    replace: '      onTaskFailed: () => undefined,',
    breaks: 'a checkpoint is of one attempt of each task',
  },
  {
    name: 'checkpoints have no end',
    file: 'checkpoint/checkpoint-coordinator.ts',
    find: '({ deadlineMs }) => deadlineMs <= now.monotonicMs,',
    replace: '() => false,',
    breaks: 'a checkpoint completes or is given up in its time',
  },
  {
    name: 'more checkpoints at once than are allowed',
    file: 'checkpoint/checkpoint-coordinator.ts',
    find: 'return !isEnding && this.#pending.size < this.#settings.concurrentMax;',
    replace: 'return !isEnding;',
    breaks: 'pending checkpoints are bounded',
  },
  {
    name: 'complete when the first task has acknowledged',
    file: 'checkpoint/checkpoint-coordinator.ts',
    find: 'if (pending.subtasks.size < pending.plan.waitFor.length) return [];',
    replace: '',
    breaks: 'a checkpoint has the state of every task',
  },
  {
    name: 'ids begin anew in a job that goes on from a savepoint',
    file: 'runtime/jobmaster/job-checkpoints.ts',
    find: '    this.#coordinator.beginAfter(origin.checkpointId);',
    replace: '',
    breaks: 'ids of checkpoints rise',
  },
  {
    name: 'a checkpoint is taken behind the one with which the job ends',
    file: 'checkpoint/checkpoint-coordinator.ts',
    find: '    if (isLastOfJob(pending.kind)) this.#end();',
    replace: '    if (isLastOfJob(pending.kind)) this.#dueMs = Number.POSITIVE_INFINITY;',
    breaks: 'a job that is stopped ends with its savepoint',
  },
  {
    // What changes in a file is noticed by the file's own checksums.
    name: 'the state of another is not noticed',
    file: 'state/read-state.ts',
    find: '    if (bytes.length !== sizeBytes || crc32(bytes) !== crc)',
    replace: '    if (bytes.length === 0)',
    breaks: 'a file of state is the one that was written there',
  },
  {
    name: 'metadata is not held against its checksum',
    file: 'checkpoint/checkpoint-storage.ts',
    find: "  if (crc32(content) !== expected) throw new CorruptData('it has changed since it was written');",
    replace: '',
    breaks: 'damaged metadata is repaired from its copy',
  },
];
