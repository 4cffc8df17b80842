// Bugs of the protocol, each planted into the engine's source as it is loaded: a piece of text that stands in one
// file exactly once, and what stands there instead. What the simulation must find them by is for people.

export interface PlantedBug {
  readonly name: string;
  /** Below engine/. */
  readonly file: string;
  /** Stands in it exactly once. */
  readonly find: string;
  readonly replace: string;
  /** What no longer holds. */
  readonly breaks: string;
}

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
    find: 'arrived: new Set(this.#ended)',
    replace: 'arrived: new Set()',
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
    find: '  const snapshot = takeSnapshot(chain, contexts, barrier);',
    replace:
      '  await new Promise<void>((done) => void clock.after(1, done));\n  const snapshot = takeSnapshot(chain, contexts, barrier);',
    breaks: 'a snapshot is of the moment of its barrier',
  },
  {
    name: 'the same trigger is taken twice',
    file: 'task/stream-task.ts',
    find: 'if (barrier.checkpointId <= this.#latestTriggeredId) return;',
    replace: '',
    breaks: 'a part of a checkpoint is written once',
  },
  {
    name: 'half of an element in the snapshot',
    file: 'task/stream-task.ts',
    find: 'if (!this.#parts.chain.canSnapshot || this.#input?.gate.isPartitionEnded === false)',
    replace: 'if (this.#input?.gate.isPartitionEnded === false)',
    breaks: 'a snapshot is taken between elements',
  },
  {
    name: 'a barrier that was given up is not passed on',
    file: 'task/stream-task.ts',
    find: 'this.#parts.chain.emitBarrier({ ...effect.barrier, isCancelled: true });',
    replace: '',
    breaks: 'whoever waits for a barrier that does not come hears so',
  },
];

export const CHECKPOINT_BUGS: readonly PlantedBug[] = [
  {
    name: 'acknowledged before it is written',
    file: 'task/task-checkpoint.ts',
    find: '  await target.files.writeFile(path, bytes);\n  await target.files.syncDirectory(directory);',
    replace:
      '  void target.files.writeFile(path, bytes).then(() => target.files.syncDirectory(directory)).catch(() => undefined);',
    breaks: 'what is acknowledged is durable',
  },
  {
    name: 'acknowledged before its name is durable',
    file: 'task/task-checkpoint.ts',
    find: '  await target.files.syncDirectory(directory);',
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
    find: '    storing.then(\n      () => this.#onStored(checkpoint),',
    replace: '    Promise.resolve().then(\n      () => this.#onStored(checkpoint),',
    breaks: 'a checkpoint is complete when it is durable',
  },
  {
    name: 'old checkpoints go before the new one is durable',
    file: 'runtime/jobmaster/job-checkpoints.ts',
    find: '    const storing = this.#storage.store(checkpoint);',
    replace:
      '    const early = this.#completed.slice(0, this.#completed.length + 1 - this.#retained);\n    for (const one of early) if (!isSavepoint(one.kind)) this.#discard(one.checkpointId);\n    const storing = this.#storage.store(checkpoint);',
    breaks: 'what a restart needs is there',
  },
  {
    name: 'one checkpoint too many is removed',
    file: 'runtime/jobmaster/job-checkpoints.ts',
    find: 'this.#completed.splice(0, this.#completed.length - this.#retained);',
    replace: 'this.#completed.splice(0, this.#completed.length - this.#retained + 1);',
    breaks: 'as many checkpoints are kept as were asked for',
  },
  {
    name: 'removed while its metadata is written',
    file: 'runtime/jobmaster/job-checkpoints.ts',
    find: '    await this.#storing.get(checkpointId)?.catch(() => undefined);',
    replace: '',
    breaks: 'nothing is left of a checkpoint that was given up',
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
    file: 'runtime/jobmaster/job-checkpoints.ts',
    find: 'return this.#completed.at(-1) ?? this.#origin;',
    replace: 'return this.#completed.at(0) ?? this.#origin;',
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
    name: 'state is not held against its checksum',
    file: 'task/task-restore.ts',
    find: '    if (bytes.length !== sizeBytes || crc32(bytes) !== crc)',
    replace: '    if (bytes.length !== sizeBytes && crc32(bytes) !== crc)',
    breaks: 'damaged state is noticed',
  },
  {
    name: 'metadata is not held against its checksum',
    file: 'checkpoint/checkpoint-storage.ts',
    find: "  if (crc32(content) !== expected) throw new CorruptData('it has changed since it was written');",
    replace: '',
    breaks: 'damaged metadata is repaired from its copy',
  },
];

export const SINK_BUGS: readonly PlantedBug[] = [
  {
    name: 'commit at pre-commit',
    file: 'operators/sink-operator.ts',
    find: '    if (committables.length > 0) this.#pending.push({ checkpointId, committables });',
    replace:
      '    if (committables.length > 0) this.#pending.push({ checkpointId, committables });\n    await this.#commit(committables);',
    breaks: 'only what a complete checkpoint covers is committed',
  },
  {
    name: 'pending transactions are dropped on restore',
    file: 'operators/sink-operator.ts',
    find: '    for (const { committables } of this.#stored.get()) await this.#commit(committables);',
    replace: '',
    breaks: 'what a checkpoint covers is committed',
  },
  {
    name: 'pending transactions are not in the snapshot',
    file: 'operators/sink-operator.ts',
    find: '    this.#stored.update(this.#pending);',
    replace: '    this.#stored.update([]);',
    breaks: 'what a checkpoint covers is committed',
  },
  {
    name: 'what is being committed is forgotten',
    file: 'operators/sink-operator.ts',
    find: '      await this.#commit(one.committables);\n      this.#pending = this.#pending.filter((other) => other !== one);',
    replace:
      '      this.#pending = this.#pending.filter((other) => other !== one);\n      await this.#commit(one.committables);',
    breaks: 'what a checkpoint covers is committed',
  },
  {
    name: 'a task ends while it commits',
    file: 'operators/sink-operator.ts',
    find: '    this.#commits = this.#commits.then(() => this.#commitUpTo(checkpointId));\n    return this.#commits;',
    replace:
      '    void (this.#commits = this.#commits.then(() => this.#commitUpTo(checkpointId)));\n    return Promise.resolve();',
    breaks: 'what a checkpoint covers is committed',
  },
  {
    name: 'nobody aborts what earlier attempts left',
    file: 'operators/sink-operator.ts',
    find: '    await this.#committer?.abortOthers();',
    replace: '',
    breaks: 'nothing prepared is left when the job has finished',
  },
  {
    name: 'an attempt aborts what later ones prepare',
    file: 'connectors/file-sink/files-committer.ts',
    find: '    if (part === undefined || part.run !== own.run || part.attempt >= own.attempt) return false;',
    replace:
      '    if (part === undefined || part.run !== own.run || part.attempt === own.attempt) return false;',
    breaks: 'an attempt aborts only what earlier ones prepared',
  },
  {
    name: 'a commit that was done before fails',
    file: 'connectors/file-sink/files-committer.ts',
    find: '    if (source === undefined && target !== undefined) return;',
    replace: '',
    breaks: 'a commit may be done again',
  },
  {
    name: 'a commit that is not durable',
    file: 'connectors/file-sink/files-committer.ts',
    find: '    await this.#files.syncDirectory(dirname(to));',
    replace: '',
    breaks: 'what is committed survives a power loss',
  },
  {
    name: 'prepared names are not durable',
    file: 'connectors/file-sink/files-writer.ts',
    find: '    await this.#files.syncDirectory(join(this.#directory, STAGING));',
    replace: '',
    breaks: 'what is acknowledged is durable',
  },
  {
    name: 'prepared bytes are not durable',
    file: 'connectors/file-sink/part-file.ts',
    find: '      await (await this.#file).sync();',
    replace: '',
    breaks: 'what is acknowledged is durable',
  },
  {
    name: 'attempts share the names of their files',
    file: 'connectors/file-sink/part-names.ts',
    find: '`${prefix}-${subtask}-${run.slice(0, 8)}-${attempt}-${n}${suffix}`',
    replace: '`${prefix}-${subtask}-${run.slice(0, 8)}-${n}${suffix}${attempt < 0}`',
    breaks: 'no two files have one name',
  },
  {
    name: 'a cancelled sink prepares on',
    file: 'connectors/file-sink/files-writer.ts',
    find: '      if (this.#isClosed) await file.discard();',
    replace: '      if (this.#count < 0) await file.discard();',
    breaks: 'nothing prepared is left when the job has finished',
  },
  {
    name: 'any checkpoint ends a task whose data has ended',
    file: 'task/stream-task.ts',
    find: '      if (isWaiting && checkpointId >= this.#lastCheckpointId)',
    replace: '      if (isWaiting)',
    breaks: 'the last checkpoint covers everything',
  },
  {
    name: 'no checkpoint at the end of the data',
    file: 'task/stream-task.ts',
    find: '    if (!this.#parts.isCheckpointed) this.#finish();',
    replace: '    this.#finish();',
    breaks: 'the last checkpoint covers everything',
  },
];

export const STATE_BUGS: readonly PlantedBug[] = [
  {
    name: 'a position that is one ahead',
    file: 'connectors/strided-reader.ts',
    find: 'this.#cursors.map(({ id, next, stride, last }) => ({ id, next, stride, last }));',
    replace:
      'this.#cursors.map(({ id, next, stride, last }) => ({ id, next: next + stride, stride, last }));',
    breaks: 'a source goes on where the checkpoint is',
  },
  {
    name: 'a position that is one behind',
    file: 'connectors/strided-reader.ts',
    find: 'this.#cursors.map(({ id, next, stride, last }) => ({ id, next, stride, last }));',
    replace:
      'this.#cursors.map(({ id, next, stride, last }) => ({ id, next: next < stride ? next : next - stride, stride, last }));',
    breaks: 'a source goes on where the checkpoint is',
  },
  {
    name: 'splits are not given again',
    file: 'runtime/jobmaster/job-master.ts',
    find: '    this.#sources.restart(ids, latest);',
    replace: '',
    breaks: 'enumerator and readers go back together',
  },
  {
    name: 'timers are lost on restore',
    file: 'state/heap/heap-timer-queue.ts',
    find: '  restore(timers: readonly StoredTimer[]): void {',
    replace: '  restore(given: readonly StoredTimer[]): void {\n    const timers = given.slice(1);',
    breaks: 'a timer fires once',
  },
  {
    name: 'a key group goes to nobody on rescale',
    file: 'state/rescaling.ts',
    find: 'keyGroup >= start && keyGroup <= end);',
    replace: 'keyGroup > start && keyGroup <= end);',
    breaks: 'each key group is on one subtask',
  },
  {
    name: 'operator state is dealt out unevenly',
    file: 'state/rescaling.ts',
    find: ': give((subtask) => all.filter((_, i) => i % parallelism === subtask));',
    replace: ': give((subtask) => all.filter((_, i) => i === subtask));',
    breaks: 'all state is given to somebody',
  },
  {
    name: 'the highest watermark on rescale',
    file: 'task/task-restore.ts',
    find: '    Math.min(...snapshots.map(({ watermarks }) => watermarks[0])),\n    Math.min(',
    replace: '    Math.max(...snapshots.map(({ watermarks }) => watermarks[0])),\n    Math.max(',
    breaks: 'a window is closed only if it was closed for all',
  },
  {
    name: 'watermarks do not wait for the slowest',
    file: 'task/watermark-valve.ts',
    find: '        if (this.#isBehind[i] === 0) lowest = Math.min(lowest, watermark);',
    replace: '        if (this.#isBehind[i] === 0) lowest = watermark;',
    breaks: 'the watermark is the lowest of the inputs',
  },
  {
    name: 'a watermark overtakes records',
    file: 'task/input-processor.ts',
    find: 'if (markRow !== undefined && markRow <= this.#row) {',
    replace: 'if (markRow !== undefined && markRow <= this.#row + 4) {',
    breaks: 'no record comes behind its watermark',
  },
  {
    name: 'merged sessions lose what one of them held',
    file: 'operators/windows/session-window-operator.ts',
    find: '      session.contents = this.contents.merge(session.contents, other.contents);',
    replace: '      session.contents = other.contents;',
    breaks: 'a session has all records of its windows',
  },
  {
    name: 'a joined side is cleared early',
    file: 'operators/interval-join-operator.ts',
    find: '    return timeMs + Math.max(this.#bounds[side].upperMs, 0);',
    replace: '    return timeMs;',
    breaks: 'a record waits for all that may join with it',
  },
  {
    name: 'rows for the client are not in the snapshot',
    file: 'operators/collect-sink.ts',
    find: '    const rows = [...this.#rows];',
    replace: '    const rows: string[] = [];',
    breaks: 'rows that a checkpoint covers reach the client',
  },
  {
    name: 'the client is not told which rows are void',
    file: 'operators/collect-sink.ts',
    find: '      voidFrom: voidFrom(this.#starts, version),',
    replace: '      voidFrom: version === this.#version ? voidFrom(this.#starts, version) : null,',
    breaks: 'rows that are made again replace the first ones',
  },
  {
    name: 'rows count as committed when they are made',
    file: 'operators/collect-sink.ts',
    find: '      committedOffset: this.#committed,\n      rows: this.#rows.slice(from, from + rowsMax),',
    replace: '      committedOffset: this.#next(),\n      rows: this.#rows.slice(from, from + rowsMax),',
    breaks: 'a committed row is never withdrawn',
  },
  {
    name: 'rows of a task that begins anew stay',
    file: 'runtime/jobmaster/job-master.ts',
    find: '    this.#results.onRestart(ids, latest);',
    replace: '',
    breaks: 'rows that are made again replace the first ones',
  },
];

export const COORDINATION_BUGS: readonly PlantedBug[] = [
  {
    name: 'a task is deployed once',
    file: 'runtime/jobmaster/reconciliation.ts',
    find: "        if (state === 'DEPLOYING') return [{ kind: 'deploy', id }];",
    replace: "        if (state === 'DEPLOYING') return [];",
    breaks: 'a lost command is repaired',
  },
  {
    name: 'a task is cancelled once',
    file: 'runtime/jobmaster/reconciliation.ts',
    find: "    return [{ kind: 'cancel', attemptId }];",
    replace: '    return [];',
    breaks: 'a lost command is repaired',
  },
  {
    name: 'the end of a checkpoint is told once',
    file: 'runtime/jobmaster/reconciliation.ts',
    find: "  return [{ kind: 'notify', attemptId, checkpointId: told.checkpointId, outcome }];",
    replace: '  return [];',
    breaks: 'a lost message is repaired',
  },
  {
    name: 'the end of a task is told once',
    file: 'runtime/taskexecutor/task-slots.ts',
    find: 'return { tasks, ends: this.reports.endsOf(jobId) };',
    replace: 'return { tasks, ends: [] };',
    breaks: 'a lost message is repaired',
  },
  {
    name: 'the state of a task is told once',
    file: 'runtime/jobmaster/reconciliation.ts',
    find: "      : [{ kind: 'state', attemptId, state } as const]),",
    replace: '      : []),',
    breaks: 'a lost message is repaired',
  },
  {
    name: 'that the data has ended is told once',
    file: 'runtime/jobmaster/reconciliation.ts',
    find: "    ...(hasDataEnded ? [{ kind: 'data-ended', attemptId } as const] : []),",
    replace: '',
    breaks: 'a lost message is repaired',
  },
  {
    name: 'a task that is gone is not missed',
    file: 'runtime/jobmaster/reconciliation.ts',
    find: "return state === 'INITIALIZING' || state === 'RUNNING' ? [{ kind: 'lost', id }] : [];",
    replace: 'return [];',
    breaks: 'a lost message is repaired',
  },
  {
    name: 'events for enumerators are told once',
    file: 'runtime/taskexecutor/task-executor.ts',
    find: '    this.#slots.reports.repeatEvents(jobId);',
    replace: '',
    breaks: 'a lost event is sent again',
  },
  {
    name: 'events for readers are told once',
    file: 'runtime/jobmaster/task-commands.ts',
    find: '    for (const [number, event] of outbox?.waiting ?? [])',
    replace: '    for (const [number, event] of (outbox?.waiting ?? []).slice(0, 0))',
    breaks: 'a lost event is sent again',
  },
  {
    name: 'events that come twice are taken twice',
    file: 'rpc/numbered.ts',
    find: '    if (number !== this.#count + 1) return false;',
    replace: '    if (number < 1) return false;',
    breaks: 'an event is taken once, in its order',
  },
  {
    name: 'a barrier overtakes splits that were lost',
    file: 'runtime/taskexecutor/task-slots.ts',
    find: '    if (this.reports.eventsOf(attemptId) === events) {',
    replace: '    if (this.reports.eventsOf(attemptId) <= events) {',
    breaks: 'a split is in the snapshot of its reader or of its enumerator',
  },
  {
    name: 'silent TaskManagers are not missed',
    file: 'runtime/resourcemanager/resource-manager.ts',
    find: '      if (now - lastHeardMs > heartbeatTimeoutMs) {',
    replace: '      if (lastHeardMs - now > heartbeatTimeoutMs) {',
    breaks: 'a TaskManager that is silent is lost',
  },
  {
    name: 'slots of a lost TaskManager are counted on',
    file: 'runtime/jobmaster/job-master.ts',
    find: '    this.slots.onTaskManagerLost(resourceId);\n    this.#taskManagers.remove(resourceId);',
    replace: '    this.#taskManagers.remove(resourceId);',
    breaks: 'a slot is of a TaskManager that lives',
  },
  {
    name: 'a slot is never free again',
    file: 'runtime/resourcemanager/slot-manager.ts',
    find: '    worker.slots[slot] = FREE;',
    replace: '',
    breaks: 'slots of a job that has ended are free',
  },
  {
    name: 'restarts while old attempts run',
    file: 'graph/execution-graph.ts',
    find: "    return this.#state === 'RESTARTING' && ids.every((id) => this.subtask(id).isTerminal);",
    replace: "    return this.#state === 'RESTARTING' && ids.length > 0;",
    breaks: 'one attempt of a task is at work',
  },
  {
    name: 'channels of old attempts are found again',
    file: 'runtime/jobmaster/task-deployments.ts',
    find: '    channelId: `${edge.id}:${producer}:${consumer}`,',
    replace:
      '    channelId: `${edge.id}:${source.subtask}:${target.subtask}${producer === consumer}`,',
    breaks: 'nothing of an earlier attempt is read',
  },
  {
    name: 'a credit is lost',
    file: 'network/remote-exchange.ts',
    find: '      outgoing.credit += message.slots;',
    replace: '      outgoing.credit += message.slots > 1 ? message.slots - 1 : message.slots;',
    breaks: 'credit is conserved',
  },
  {
    name: 'more is sent than there is credit',
    file: 'network/remote-exchange.ts',
    find: '    while (outgoing.credit > 0 && !link.isBlocked) {',
    replace: '    while (outgoing.credit > -4 && !link.isBlocked) {',
    breaks: 'no more is on its way than there is room',
  },
];

export const BUGS: readonly PlantedBug[] = [
  ...BARRIER_BUGS,
  ...CHECKPOINT_BUGS,
  ...SINK_BUGS,
  ...STATE_BUGS,
  ...COORDINATION_BUGS,
];
