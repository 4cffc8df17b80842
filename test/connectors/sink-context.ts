// What a sink's writer and committer are given, with everything they say recorded.

import type { SinkContext, TextStream } from '../../engine/connectors/sink.ts';
import { Configuration } from '../../engine/core/configuration.ts';
import { FakeClock } from '../harness/fake-clock.ts';
import { RecordingLogger } from '../harness/recording-logger.ts';

export class TestSinkContext implements SinkContext {
  readonly jobId: string = 'job';
  readonly subtask: number = 0;
  readonly parallelism: number = 1;
  readonly attempt: number = 0;
  readonly restoredCheckpointId: number | undefined = undefined;
  readonly uid: string = 'sink';
  readonly clock = new FakeClock();
  readonly log = new RecordingLogger();
  readonly configuration = new Configuration();
  readonly baseDirectory: string = '/';
  readonly stdout?: TextStream;
  readonly slots: Readonly<Record<string, unknown>> = {};
  wakes = 0;
  failure: unknown;

  constructor(
    settings: Partial<
      Omit<TestSinkContext, 'clock' | 'log' | 'wakes' | 'failure' | 'configuration'>
    > = {},
  ) {
    Object.assign(this, settings);
  }

  readonly function = (slot: string): ((...args: never[]) => unknown) =>
    this.slots[slot] as (...args: never[]) => unknown;

  readonly wake = (): void => {
    this.wakes++;
  };

  readonly fail = (error: unknown): void => {
    this.failure ??= error;
  };
}
