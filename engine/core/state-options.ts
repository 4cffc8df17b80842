// The configuration keys of keyed state, and of what a job goes on from, with Flink's names where Flink has them.

import { booleanOption, choiceOption, memoryOption, textOption } from './configuration.ts';

export const stateOptions = {
  recoveryPath: textOption('execution.state-recovery.path', {
    aliases: ['execution.savepoint.path'],
    defaultValue: '',
    description: 'Savepoint or retained checkpoint that a job begins with.',
  }),
  recoveryIgnoresUnclaimed: booleanOption('execution.state-recovery.ignore-unclaimed-state', {
    aliases: ['execution.savepoint.ignore-unclaimed-state'],
    defaultValue: false,
    description: 'Whether state of operators that the job does not have is left behind.',
  }),
  claimMode: choiceOption('execution.state-recovery.claim-mode', ['NO_CLAIM', 'CLAIM', 'LEGACY'], {
    aliases: ['execution.savepoint-restore-mode'],
    defaultValue: 'NO_CLAIM',
    description:
      'Whether what a job begins with becomes its own, and goes when it is not needed any more.',
  }),
  recoveryFromLocal: booleanOption('execution.state-recovery.from-local', {
    aliases: ['state.backend.local-recovery'],
    defaultValue: false,
    description:
      'Whether tasks keep a copy of their last checkpoint where they run, and go on from it when they begin anew there.',
  }),
  localStateDirectories: textOption('taskmanager.state.local.root-dirs', {
    aliases: ['execution.checkpointing.local-backup.dirs'],
    defaultValue: '',
    description:
      "Where a TaskManager keeps those copies, best on the file system of the checkpoints: then they cost nothing; empty: the system's temporary directory.",
  }),
  stateMemoryThreshold: memoryOption('state.storage.fs.memory-threshold', {
    aliases: ['execution.checkpointing.data-inline-threshold'],
    defaultValue: 20 * 1024,
    description: 'Smaller state of a subtask travels inside its acknowledgement.',
  }),
  stateBackend: choiceOption('state.backend.type', ['hashmap', 'lmdb', 'rocksdb'], {
    aliases: ['state.backend'],
    defaultValue: 'hashmap',
    description:
      'Where keyed state lives: in memory (hashmap), or on the local disk behind a cache (lmdb; rocksdb, as Flink has it, means the same).',
  }),
  stateChecksTypes: booleanOption('sluice.state.check-types', {
    defaultValue: true,
    description:
      'Whether a state goes on from a savepoint only when its first new values are of the type of those there.',
  }),
  stateDirectory: textOption('state.backend.lmdb.localdir', {
    aliases: ['state.backend.rocksdb.localdir'],
    defaultValue: '',
    description:
      "Where state on disk lies while a task runs; empty: the system's temporary directory.",
  }),
  stateCacheSize: memoryOption('state.backend.lmdb.cache-size', {
    defaultValue: 64 * 2 ** 20,
    description: 'Memory for what was lately used of one state on disk, in each subtask.',
  }),
} as const;
