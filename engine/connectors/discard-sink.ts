// Takes records and drops them: for measuring what comes before, and for dry runs.

import type { SinkConnector, SinkWriter } from './sink.ts';

export const discardSink: SinkConnector<unknown, never, object> = {
  name: 'discard',
  guarantee: 'exactly-once',
  createWriter: () => writer,
};

const writer: SinkWriter<unknown> = {
  write: () => undefined,
  isWritable: () => true,
  prepareCommit: () => Promise.resolve([]),
  finish: () => Promise.resolve(),
  close: () => undefined,
};
