// Every bound of a queue, buffer, retry or loop over foreign input, with the arithmetic behind it.

export const limits = {
  /** Rows of a frame: large enough to spread the cost of a hand-over, small enough for the cache. */
  frameRowsMax: 256,
  /** Bytes of values after which a frame takes no more: with its event times it still fits a ring's slot. */
  frameBytes: 56 * 1024,
  /** Bytes of a ring's slot; a longer frame spans several. */
  ringSlotBytes: 64 * 1024,
  /** Slots of a ring: 1 MiB in flight per channel. */
  ringSlots: 16,
  /** Batches in flight on a channel inside one slot. */
  localBatchesMax: 4,
  /** What one element may emit beyond the credit of its outputs, in records, before its task fails. */
  overdraftRecordsMax: 1_000_000,
  /** Outputs of one firing between two looks at the credit. */
  firingOutputsPerTurn: 256,
  /** A record as bytes; longer ones fail the task (pipeline.max-record-size). */
  recordBytesMax: 64 * 1024 * 1024,
  /** What from(iterable) may hold: it travels with the submission. */
  collectionBytesMax: 64 * 1024 * 1024,
  /** What read(…, { orderBy }) holds in memory: 1 M records of some 200 bytes are 200 MB. */
  orderedRecordsMax: 1_000_000,
  /** Files of one source: what an enumerator remembers of them, 200 bytes each, is in its checkpoints. */
  filesListedMax: 100_000,
  /** A bundle with its source map. */
  bundleBytesMax: 64 * 1024 * 1024,
  /** Rows that a collect sink holds for its reader; a slower reader slows the job. */
  collectRowsMax: 1_000,
  /** And their characters: what a snapshot of it may weigh. */
  collectBytesMax: 4 * 1024 * 1024,
  /** Bytes that a sink holds for a slow disk or peer before it takes no more: some 10 ms of a disk's. */
  sinkBufferBytes: 4 * 1024 * 1024,
  /** Records that a sink of the program's holds while one of its calls is under way. */
  sinkRecordsWaitingMax: 1_000,
  /** For how long a snapshot works before elements may pass: what each of them may wait for it. */
  snapshotTurnMs: 1,
  /** Between two looks at the clock, as bytes: some tenths of a millisecond. */
  snapshotStepBytes: 64 * 1024,
  /** And so many of those at most. */
  snapshotTurnSteps: 16,
  /** Written to the disk at once; three of them are in memory. */
  snapshotPieceBytes: 512 * 1024,
  /** Written to a file before the disk begins to sync it: so there is little to wait for in the end. */
  syncAheadBytes: 16 * 1024 * 1024,
  /** Files of changes behind one with all state: what is no more leaves the disk after so many checkpoints. */
  changesFilesMax: 32,
  /** Of those files together, however little state there is: two blocks of a disk. */
  changesBytesMin: 8 * 1024,
  /** Entries of a state on disk that may have changed in memory: some 5 ms of writing. */
  changedEntriesMax: 1_024,
  /** What an entry in memory takes beside its bytes: row, index and headers. */
  cachedEntryBytes: 100,
  /** Buckets that a files sink writes at once; each is an open file and up to 64 kB. */
  sinkBucketsOpenMax: 256,
  /** Channels of lost TaskManagers whose receivers have not come yet; 200 bytes each. */
  channelsOrphanedMax: 10_000,
  /** Messages of one RPC connection that wait to be written. */
  rpcPendingMax: 10_000,
  /** One RPC message. */
  rpcMessageBytesMax: 256 * 1024 * 1024,
  /** Lines of a slot's console and log that pass in a second. */
  logLinesMax: 200,
  /** Of one of them. */
  messageCharsMax: 4_000,
  /** Metrics and accumulators of a subtask's functions: what each of its heartbeats carries, 60 bytes each. */
  userMetricsMax: 1_000,
  /** Different numbers in an accumulator's histogram. */
  accumulatorKeysMax: 10_000,
  /** Messages of a job that its JobMaster keeps, times two at most: 16 MB if all were of full length. */
  jobMessagesMax: 1_000,
  /** Threads of a TaskManager that stand ready for its free slots; 15 MB each. */
  threadsWarmMax: 4,
  /** Ended tasks that a TaskManager remembers, to know one that is deployed twice; 100 bytes each. */
  endedTasksRememberedMax: 10_000,
  /** Ended attempts that a subtask remembers (Flink: jobmanager.execution.attempts-history-size). */
  attemptsRememberedMax: 16,
  /** Exceptions that a job remembers (Flink: web.exception-history-size). */
  exceptionsRememberedMax: 16,
  /** A REST request's body, but for uploads. */
  restBodyBytesMax: 64 * 1024 * 1024,
  /** The end of a log that REST shows. */
  logBytesShownMax: 8 * 1024 * 1024,
  /** Connections to the REST endpoint; 20 kB each. */
  restConnectionsMax: 4_096,
  /** Headers of a REST request; a browser sends some 20. */
  restHeadersMax: 200,
  /** What barriers have overtaken and a task has not processed, before the next one may: 64 full rings. */
  overtakenBytesMax: 64 * 1024 * 1024,
  /** Words of one task on checkpoints that its JobMaster has not heard; up to 20 kB each. */
  checkpointAnswersMax: 16,
  /** Checkpoints given up by the coordinator whose barriers a task still expects. */
  checkpointsAbortedMax: 128,
  /** Events of a topic kept for a reader that resumes; some 300 bytes each. */
  eventsKeptMax: 4_096,
  /** And of those that are measured: up to 5 kB each. */
  observationsKeptMax: 600,
  /** Jobs that are measured for readers of events at once; 1,000 take their turns. */
  jobsObservedMax: 100,
  /** Rows of a sample, and the characters of each: longer ones are left out. */
  sampleRowsMax: 5,
  sampleRowCharsMax: 1_000,
  /** Entries of a high-availability log that stay behind the latest; one weighs some 500 bytes a job. */
  haEntriesKept: 16,
  /** Restarts of a job under one leader: its attempts under the next count on from there. */
  attemptsPerLeaderMax: 1_000_000,
  /** Calls to a disk that a machine refuses a leader, one after another: for 5 s, at 200 ms. */
  refusedCallsMax: 25,
  /** How long the outcome of an asynchronous operation can be asked for (Flink: 300 s). */
  operationOutcomeKeptMs: 300_000,
} as const;
