// Planted bugs of the two phases of a sink, and of the end of the data.

import { files } from './needs.ts';
import type { PlantedBug } from './planted-bug.ts';

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
    needs: files,
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
    needs: files,
  },
  {
    name: 'an attempt aborts what later ones prepare',
    file: 'connectors/file-sink/files-committer.ts',
    find: '    if (part === undefined || part.run !== own.run || part.attempt >= own.attempt) return false;',
    replace:
      '    if (part === undefined || part.run !== own.run || part.attempt === own.attempt) return false;',
    breaks: 'an attempt aborts only what earlier ones prepared',
    needs: files,
  },
  {
    name: 'a commit that was done before fails',
    file: 'connectors/file-sink/files-committer.ts',
    find: '    if (source === undefined && target !== undefined) return;',
    replace: '',
    breaks: 'a commit may be done again',
    needs: files,
  },
  {
    name: 'a commit that is not durable',
    file: 'connectors/file-sink/files-committer.ts',
    find: '    await this.#files.syncDirectory(dirname(to));',
    replace: '',
    breaks: 'what is committed survives a power loss',
    needs: files,
  },
  {
    name: 'prepared names are not durable',
    file: 'connectors/file-sink/files-writer.ts',
    find: '    await this.#files.syncDirectory(join(this.#directory, STAGING));',
    replace: '',
    breaks: 'what is acknowledged is durable',
    needs: files,
  },
  {
    name: 'prepared bytes are not durable',
    file: 'connectors/file-sink/part-file.ts',
    find: '      await (await this.#file).sync();',
    replace: '',
    breaks: 'what is acknowledged is durable',
    needs: files,
  },
  {
    name: 'attempts share the names of their files',
    file: 'connectors/file-sink/part-names.ts',
    find: '  { run, subtask, attempt }: PartOwner,\n  n: number,\n  prefix: string,\n  suffix: string,\n)',
    replace:
      '  { run, subtask }: PartOwner,\n  n: number,\n  prefix: string,\n  suffix: string,\n  attempt = 0,\n)',
    breaks: 'no two files have one name',
    needs: files,
  },
  {
    name: 'a cancelled sink prepares on',
    file: 'connectors/file-sink/files-writer.ts',
    find: '      if (this.#isClosed) await file.discard();',
    replace: '      if (this.#count < 0) await file.discard();',
    breaks: 'nothing prepared is left when the job has finished',
    needs: files,
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
