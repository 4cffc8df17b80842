// Planted bugs of leadership: who may write, what the next leader knows, whom TaskManagers obey.

import type { PlantedBug } from './planted-bug.ts';

export const LEADER_BUGS: readonly PlantedBug[] = [
  {
    name: 'an entry of another leader is overwritten',
    file: 'ha/file-backend.ts',
    find: '      await this.#files.link(beside, this.#pathOf(number));',
    replace: '      await this.#files.rename(beside, this.#pathOf(number));',
    breaks: 'of several that write the same entry one succeeds',
  },
  {
    name: 'an entry that is not durable',
    file: 'ha/file-backend.ts',
    find: '    await this.#files.syncDirectory(this.#log);',
    replace: '',
    breaks: 'what a leader has written survives its machine',
  },
  {
    name: 'a leader writes on when another has written',
    file: 'ha/journaled-leadership.ts',
    find: '    if (!(await this.#backend.append({ number, bytes: encodeChecked(next) }))) return false;',
    replace:
      '    let own = number;\n    while (!(await this.#backend.append({ number: own, bytes: encodeChecked(next) }))) own++;',
    breaks: 'a leader writes the successor of what it has read',
  },
  {
    name: 'a leader that has slept does not look who leads',
    file: 'ha/journaled-leadership.ts',
    find: '      if ((await this.#backend.latestNumber()) !== this.#number) this.end();\n      else this.#confirmedMs',
    replace: '      this.#confirmedMs',
    breaks: 'one that leads no more stands still',
  },
  {
    name: 'tasks hear of a checkpoint before it is registered',
    file: 'runtime/jobmaster/job-checkpoints.ts',
    find: '    void this.#registered.then(() => this.#on(thereafter));\n    return [];',
    replace: '    return thereafter();',
    breaks: 'nobody is told of a checkpoint that the next leader may not know',
  },
  {
    name: 'old checkpoints go before the new one is registered',
    file: 'runtime/jobmaster/job-checkpoints.ts',
    find: '    const old = this.#completed.add(checkpoint);\n    return this.#registering(() => {\n      for (const one of old) this.#discard(one.checkpointId, one.path);\n',
    replace:
      '    const old = this.#completed.add(checkpoint);\n    for (const one of old) this.#discard(one.checkpointId, one.path);\n    return this.#registering(() => {\n',
    breaks: 'what the next leader needs is there',
  },
  {
    name: 'a restart begins from what is not registered',
    file: 'runtime/jobmaster/task-submission.ts',
    find: '  await checkpoints.registered;',
    replace: '',
    breaks: 'nothing is restored that the next leader may not know',
  },
  {
    name: 'jobs are lost when another leads',
    file: 'ha/journaled-store.ts',
    find: '    const own = { ...state, epoch: state.epoch + 1 };',
    replace: '    const own = { epoch: state.epoch + 1, jobs: [] };',
    breaks: 'the next leader knows every job',
  },
  {
    name: 'a job that cannot be read at once is given up',
    file: 'runtime/dispatcher/job-store.ts',
    find: '    for (let left = READS_MAX; left > 0; left--) {',
    replace: '    for (let left = READS_MAX; left < 0; left--) {',
    breaks: 'the next leader knows every job',
  },
  {
    name: 'the next leader goes on from the oldest checkpoint',
    file: 'runtime/jobmaster/job-restore.ts',
    find: '  const latest = read.pop();',
    replace: '  const latest = read.shift();',
    breaks: 'no leader goes back behind a registered checkpoint',
  },
  {
    name: 'the next leader begins the job anew',
    file: 'runtime/jobmaster/job-restore.ts',
    find: '  if (own.length > 0) return ownOrigin(own, files, onDamage);',
    replace: '',
    breaks: 'no leader goes back behind a registered checkpoint',
  },
  {
    name: 'rows that a leader held are gone with it',
    file: 'runtime/dispatcher/job-store.ts',
    find: '          await this.#writeResults(retained.at(-1), job.rows());\n',
    replace: '',
    breaks: 'rows that a checkpoint covers reach the client',
  },
  {
    name: 'a promised cancel dies with the leader',
    file: 'runtime/dispatcher/dispatcher.ts',
    find: '    if (isCancelled) master.cancel(); // it does not run again, not for a moment\n',
    replace: '',
    breaks: 'a job that was promised to end does',
  },
  {
    name: 'attempts are numbered anew under each leader',
    file: 'runtime/dispatcher/job-store.ts',
    find: '      firstAttempt: (this.epoch - epoch) * limits.attemptsPerLeaderMax,',
    replace: '      firstAttempt: (this.epoch - epoch) * 0,',
    breaks: 'attempts of all leaders are in one order',
  },
  {
    name: 'leaders share the directories of checkpoints',
    file: 'runtime/dispatcher/dispatcher.ts',
    find: 'checkpointDirectory: recovered === undefined ? root : `',
    replace: 'checkpointDirectory: recovered !== undefined ? root : `',
    breaks: 'no leader writes where another may',
  },
  {
    name: 'TaskManagers obey who leads no more',
    file: 'runtime/taskexecutor/task-executor.ts',
    find: '    if (epochOf(token) < this.#epoch)',
    replace: '    if (epochOf(token) < 0)',
    breaks: 'orders of a leader that was deposed are refused',
  },
  {
    name: 'TaskManagers stay with who leads no more',
    file: 'runtime/taskexecutor/task-executor.ts',
    find: '    if (leader !== undefined && leader.epoch > this.#epoch) this.#resourceManager?.close();',
    replace: '    if (leader === undefined) this.#resourceManager?.close();',
    breaks: 'whoever leads has the TaskManagers',
  },
  {
    name: 'nobody takes over from a leader that is silent',
    file: 'ha/journaled-store.ts',
    find: '    if (isVacant || now - this.#seen.atMs >= this.#leaseTimeoutMs) await this.#try();',
    replace: '    if (isVacant) await this.#try();',
    breaks: 'somebody leads',
  },
  {
    name: 'a stop is answered before the next leader knows of it',
    file: 'runtime/jobmaster/job-checkpoints.ts',
    find: '    return registry && this.#registered.then(() => registry.end());\n',
    replace:
      '    this.#ending?.resolve();\n    return registry && this.#registered.then(() => registry.end());\n',
    breaks: 'a job that was stopped does not go on',
  },
  {
    name: 'a job is promised before it is stored',
    file: 'runtime/dispatcher/dispatcher.ts',
    find: '    await this.#store?.add(submission);',
    replace: '    void this.#store?.add(submission).catch(() => undefined);',
    breaks: 'a job that was taken outlives its leader',
  },
];
