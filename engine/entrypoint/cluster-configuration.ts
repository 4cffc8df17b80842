// The defaults of each kind of cluster, over those of options.ts: the embedded one is quick where Flink is
// patient, because nobody else works on it and somebody waits.

import { Configuration } from '../core/configuration.ts';

const cores = (available: number): number => Math.max(1, available);

/** Of a cluster that lives in the cli's process. */
export function embeddedConfiguration(availableCores: number, memoryBytes: number): Configuration {
  const slots = Math.max(8, 2 * cores(availableCores));
  const memory = Math.floor(Math.min(4 * 2 ** 30, memoryBytes / 4));
  return new Configuration({
    'rest.auth': 'token',
    'rest.port': 0,
    'heartbeat.interval': '200 ms',
    'heartbeat.timeout': '3 s',
    'sluice.slot.shortage-timeout': '1 s',
    // A disk that is full is its user's to make room on: the job waits for that, and says so.
    'execution.checkpointing.tolerable-failed-checkpoints': 1_000_000,
    // One that does not come to an end holds back rows that somebody waits for: better another one.
    'execution.checkpointing.timeout': '30 s',
    'taskmanager.numberOfTaskSlots': slots,
    'slotmanager.number-of-slots.max': slots,
    'taskmanager.memory.process.size': `${memory}b`,
    'sluice.taskmanager.share': false,
    'sluice.taskmanager.spares': 1,
    'sluice.taskmanager.slots': 'elastic',
    'web.checkpoints.history': 50,
    'web.refresh-interval': '250 ms',
  });
}

/** Of `sluice cluster`: Flink's defaults but for what one machine does not need to wait for. */
export function standaloneConfiguration(): Configuration {
  return new Configuration({
    'heartbeat.interval': '500 ms',
    'heartbeat.timeout': '5 s',
    'web.checkpoints.history': 50,
    'web.refresh-interval': '1 s',
  });
}
