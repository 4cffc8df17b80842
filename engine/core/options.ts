// Every configuration key that sluice knows, with Flink's names and, unless the embedded cluster says
// otherwise, Flink's defaults. An unknown key is a warning that names the nearest known one.

import {
  booleanOption,
  choiceOption,
  durationOption,
  integerOption,
  memoryOption,
  numberOption,
  optionalDurationOption,
  textOption,
} from './configuration.ts';
import { haOptions } from './ha-options.ts';
import { stateOptions } from './state-options.ts';

export const options = {
  restPort: integerOption('rest.port', {
    defaultValue: 8081,
    min: 0,
    max: 65_535,
    description: 'Port of the REST endpoint; 0 takes a free one.',
  }),
  restAddress: textOption('rest.address', {
    defaultValue: '127.0.0.1',
    description: 'Address of the REST endpoint.',
  }),
  restBindAddress: textOption('rest.bind-address', {
    defaultValue: '',
    description: 'Address on which the REST endpoint listens; empty: rest.address.',
  }),
  restTls: booleanOption('security.ssl.rest.enabled', {
    defaultValue: false,
    description: 'Whether the REST endpoint speaks https.',
  }),
  restKeystore: textOption('security.ssl.rest.keystore', {
    aliases: ['security.ssl.keystore'],
    defaultValue: '',
    description: 'Its certificate and key: PKCS12, or PEM.',
  }),
  restKeystorePassword: textOption('security.ssl.rest.keystore-password', {
    aliases: ['security.ssl.keystore-password'],
    defaultValue: '',
    description: 'Opens the keystore.',
  }),
  restKeyPassword: textOption('security.ssl.rest.key-password', {
    aliases: ['security.ssl.key-password'],
    defaultValue: '',
    description: 'Opens the key in it; empty: the same.',
  }),
  restMutualTls: booleanOption('security.ssl.rest.authentication-enabled', {
    defaultValue: false,
    description: 'Whether clients must have a certificate of their own.',
  }),
  restTruststore: textOption('security.ssl.rest.truststore', {
    aliases: ['security.ssl.truststore'],
    defaultValue: '',
    description: 'Certificates, as PEM, that those of clients must come from.',
  }),
  restAuth: choiceOption('rest.auth', ['none', 'token'], {
    defaultValue: 'none',
    description: 'Who may come in: everyone on the machine, or whoever shows the token.',
  }),
  ...haOptions,
  parallelism: integerOption('parallelism.default', {
    defaultValue: 1,
    min: 1,
    description: 'Parallelism of operators that set none.',
  }),
  maxParallelism: integerOption('pipeline.max-parallelism', {
    defaultValue: -1,
    min: -1,
    description: 'Number of key groups; -1 derives it from the parallelism.',
  }),
  watermarkInterval: durationOption('pipeline.auto-watermark-interval', {
    defaultValue: 0,
    description: 'Above 0: watermarks by wall clock, as Flink emits them; 0: by record position.',
  }),
  objectReuse: booleanOption('pipeline.object-reuse', {
    defaultValue: false,
    description: 'Your promise that records are not kept or changed after they were emitted.',
  }),
  operatorChaining: booleanOption('pipeline.operator-chaining.enabled', {
    aliases: ['pipeline.operator-chaining'],
    defaultValue: true,
    description: 'Whether operators are chained into one task.',
  }),
  projection: booleanOption('pipeline.projection', {
    defaultValue: true,
    description: 'Whether an exchange carries only the fields of records that are read behind it.',
  }),
  preAggregation: choiceOption('pipeline.pre-aggregation', ['auto', 'all', 'off'], {
    defaultValue: 'auto',
    description:
      'What is joined by key and slice before it travels to a window: where the result is exactly the same (auto), also for reduce and own aggregates that merge (all), nothing (off).',
  }),
  recordBytesMax: memoryOption('pipeline.max-record-size', {
    defaultValue: 64 * 2 ** 20,
    description: 'A longer record fails the task.',
  }),
  bufferTimeout: durationOption('execution.buffer-timeout.interval', {
    aliases: ['execution.buffer-timeout'],
    defaultValue: 5,
    description: 'Age at which a frame that is not full is sent.',
  }),
  latencyInterval: durationOption('metrics.latency.interval', {
    defaultValue: 0,
    description: 'How often each source sends a latency marker; 0: never.',
  }),
  latencyGranularity: choiceOption(
    'metrics.latency.granularity',
    ['operator', 'single', 'subtask'],
    {
      defaultValue: 'operator',
      description:
        'Whether latencies are told apart by source operator, not at all (single), or by subtask of the source.',
    },
  ),
  latencyHistory: integerOption('metrics.latency.history-size', {
    defaultValue: 128,
    min: 1,
    description: 'Latencies that the statistics of each operator are made of.',
  }),
  checkpointInterval: optionalDurationOption('execution.checkpointing.interval', {
    description: 'Time between checkpoints; absent: none are made.',
  }),
  checkpointTimeout: durationOption('execution.checkpointing.timeout', {
    defaultValue: 600_000,
    description: 'A checkpoint that takes longer is aborted.',
  }),
  checkpointMinPause: durationOption('execution.checkpointing.min-pause', {
    defaultValue: 0,
    description: 'Least time between the end of a checkpoint and the next.',
  }),
  checkpointsConcurrentMax: integerOption('execution.checkpointing.max-concurrent-checkpoints', {
    defaultValue: 1,
    min: 1,
    description: 'Checkpoints in progress at once.',
  }),
  checkpointFailuresTolerable: integerOption(
    'execution.checkpointing.tolerable-failed-checkpoints',
    { defaultValue: 0, description: 'Failed checkpoints in a row that do not fail the job.' },
  ),
  incrementalCheckpoints: booleanOption('execution.checkpointing.incremental', {
    aliases: ['state.backend.incremental'],
    defaultValue: false,
    description: 'A checkpoint writes what has changed since the last one; savepoints stay whole.',
  }),
  unalignedCheckpoints: booleanOption('execution.checkpointing.unaligned.enabled', {
    aliases: ['execution.checkpointing.unaligned'],
    defaultValue: false,
    description: 'Barriers overtake records; those become part of the checkpoint.',
  }),
  alignedCheckpointTimeout: durationOption('execution.checkpointing.aligned-checkpoint-timeout', {
    aliases: ['execution.checkpointing.alignment-timeout'],
    defaultValue: 0,
    description:
      'Unaligned checkpoints begin aligned, and overtake only after this time; 0: at once.',
  }),
  checkpointMode: choiceOption('execution.checkpointing.mode', ['EXACTLY_ONCE', 'AT_LEAST_ONCE'], {
    defaultValue: 'EXACTLY_ONCE',
    description: 'Whether barriers are aligned.',
  }),
  checkpointDirectory: textOption('execution.checkpointing.dir', {
    aliases: ['state.checkpoints.dir'],
    defaultValue: '',
    description: "Where checkpoints are kept; empty: below the cluster's directory.",
  }),
  savepointDirectory: textOption('execution.checkpointing.savepoint-dir', {
    aliases: ['state.savepoints.dir'],
    defaultValue: '',
    description: 'Where savepoints go that name no directory.',
  }),
  checkpointsRetained: integerOption('execution.checkpointing.num-retained', {
    aliases: ['state.checkpoints.num-retained'],
    defaultValue: 1,
    min: 1,
    description: 'Completed checkpoints that are kept.',
  }),
  checkpointRetention: choiceOption(
    'execution.checkpointing.externalized-checkpoint-retention',
    ['DELETE_ON_CANCELLATION', 'RETAIN_ON_CANCELLATION', 'NO_EXTERNALIZED_CHECKPOINTS'],
    {
      defaultValue: 'NO_EXTERNALIZED_CHECKPOINTS',
      description: 'What happens to checkpoints when the job is cancelled.',
    },
  ),
  checkpointsRemembered: integerOption('web.checkpoints.history', {
    defaultValue: 10,
    description: 'Checkpoints that the statistics remember.',
  }),
  ...stateOptions,
  jobsEndedMax: integerOption('jobstore.max-capacity', {
    defaultValue: 100,
    min: 0,
    description: 'Ended jobs that the Dispatcher remembers.',
  }),
  jobsEndedSeconds: integerOption('jobstore.expiration-time', {
    defaultValue: 3_600,
    min: 0,
    description: 'Seconds for which it remembers them.',
  }),
  restartStrategy: choiceOption(
    'restart-strategy.type',
    ['none', 'disable', 'off', 'fixed-delay', 'failure-rate', 'exponential-delay'],
    {
      aliases: ['restart-strategy'],
      defaultValue: 'fixed-delay',
      description: 'What follows the failure of a job.',
    },
  ),
  restartUserErrors: choiceOption('sluice.restart.user-errors', ['fail', 'strategy'], {
    defaultValue: 'fail',
    description:
      'Whether an exception of user code fails the job at once, or is restarted by the strategy.',
  }),
  restartAttempts: integerOption('restart-strategy.fixed-delay.attempts', {
    defaultValue: 1,
    description: 'Restarts before the job fails.',
  }),
  restartDelay: durationOption('restart-strategy.fixed-delay.delay', {
    defaultValue: 1_000,
    description: 'Wait before a restart.',
  }),
  restartRateMax: integerOption('restart-strategy.failure-rate.max-failures-per-interval', {
    defaultValue: 1,
    description: 'Failures in the interval before the job fails.',
  }),
  restartRateInterval: durationOption('restart-strategy.failure-rate.failure-rate-interval', {
    defaultValue: 60_000,
    description: 'The interval in which failures are counted.',
  }),
  restartRateDelay: durationOption('restart-strategy.failure-rate.delay', {
    defaultValue: 1_000,
    description: 'Wait before a restart.',
  }),
  restartBackoffInitial: durationOption('restart-strategy.exponential-delay.initial-backoff', {
    defaultValue: 1_000,
    description: 'First wait.',
  }),
  restartBackoffMax: durationOption('restart-strategy.exponential-delay.max-backoff', {
    defaultValue: 60_000,
    description: 'Longest wait.',
  }),
  restartBackoffMultiplier: numberOption('restart-strategy.exponential-delay.backoff-multiplier', {
    defaultValue: 1.5,
    min: 1,
    description: 'Factor from one wait to the next.',
  }),
  restartBackoffReset: durationOption(
    'restart-strategy.exponential-delay.reset-backoff-threshold',
    {
      defaultValue: 3_600_000,
      description: 'Time without failure after which the wait starts again.',
    },
  ),
  restartBackoffJitter: numberOption('restart-strategy.exponential-delay.jitter-factor', {
    defaultValue: 0.1,
    min: 0,
    max: 1,
    description: 'Random share of a wait, added or taken away.',
  }),
  restartBackoffAttempts: integerOption(
    'restart-strategy.exponential-delay.attempts-before-reset-backoff',
    { defaultValue: Number.MAX_SAFE_INTEGER, description: 'Restarts before the job fails.' },
  ),
  heartbeatInterval: durationOption('heartbeat.interval', {
    defaultValue: 10_000,
    description: 'Time between heartbeats.',
  }),
  heartbeatTimeout: durationOption('heartbeat.timeout', {
    defaultValue: 50_000,
    description: 'Silence after which a process counts as dead.',
  }),
  slotRequestTimeout: durationOption('slot.request.timeout', {
    defaultValue: 300_000,
    description: 'Wait for slots before a job fails.',
  }),
  slotShortageTimeout: optionalDurationOption('sluice.slot.shortage-timeout', {
    description:
      'Wait before a job fails that needs more slots than the cluster can have; absent: slot.request.timeout.',
  }),
  taskManagerSlots: choiceOption('sluice.taskmanager.slots', ['fixed', 'elastic'], {
    defaultValue: 'fixed',
    description:
      'Whether all slots of a TaskManager stand ready, or come into being as they are requested.',
  }),
  slotsPerTaskManager: integerOption('taskmanager.numberOfTaskSlots', {
    defaultValue: 1,
    min: 1,
    description: 'Slots of a TaskManager.',
  }),
  slotIdleTimeout: durationOption('resourcemanager.taskmanager-timeout', {
    defaultValue: 30_000,
    description: 'Idle time after which a TaskManager that was started on demand is released.',
  }),
  taskManagersMax: integerOption('slotmanager.number-of-slots.max', {
    defaultValue: 2 ** 31 - 1,
    min: 0,
    description: 'Slots that the cluster may have.',
  }),
  taskManagerMemory: memoryOption('taskmanager.memory.process.size', {
    defaultValue: 1728 * 2 ** 20,
    description: 'Memory of a TaskManager; its slots share it evenly.',
  }),
  taskManagerThreads: choiceOption('taskmanager.threads', ['slot', 'chain'], {
    defaultValue: 'slot',
    description: 'One worker thread a slot, or one a chain, as Flink has it.',
  }),
  overdraftRecordsMax: integerOption('taskmanager.network.max-overdraft-records', {
    defaultValue: 1_000_000,
    min: 1,
    description: 'Records that one element may emit beyond the credit of its outputs.',
  }),
  cancellationTimeout: durationOption('task.cancellation.timeout', {
    defaultValue: 300,
    description: 'A task that does not end by then loses its worker thread.',
  }),
  stuckTimeout: durationOption('sluice.task.stuck-timeout', {
    defaultValue: 10_000,
    description: 'A single call into user code that takes longer fails its task; 0 never.',
  }),
  programTimeout: durationOption('sluice.program.timeout', {
    defaultValue: 10_000,
    description: 'Time that a program may take to build its job.',
  }),
  shareTaskManagers: booleanOption('sluice.taskmanager.share', {
    defaultValue: true,
    description: 'Whether jobs may share a TaskManager when no other is free.',
  }),
  spareTaskManagers: integerOption('sluice.taskmanager.spares', {
    defaultValue: 0,
    description: 'TaskManagers kept started beyond those in use.',
  }),
  flameGraphEnabled: booleanOption('rest.flamegraph.enabled', {
    defaultValue: true,
    description: 'Whether flame graphs are made for who asks for one.',
  }),
  flameGraphSamples: integerOption('rest.flamegraph.num-samples', {
    defaultValue: 1_000,
    min: 1,
    max: 10_000,
    description: 'Samples of a flame graph.',
  }),
  flameGraphDelay: durationOption('rest.flamegraph.delay-between-samples', {
    defaultValue: 1,
    description: 'Time between two of them.',
  }),
  flameGraphRefresh: durationOption('rest.flamegraph.refresh-interval', {
    defaultValue: 10_000,
    description: 'Age at which a flame graph is made anew for who asks.',
  }),
  refreshInterval: durationOption('web.refresh-interval', {
    defaultValue: 3_000,
    description: 'How often a client should ask.',
  }),
} as const;
