// The classes of streams, tied together.

import { DataStream, OperatorStream } from './data-stream.ts';
import { KeyedStream } from './keyed-stream.ts';
import type { StreamFactory } from './stream-factory.ts';

export const streams: StreamFactory = {
  stream: (flow) => new DataStream(flow),
  operator: (recorded) => new OperatorStream(recorded),
  keyed: (flow) => new KeyedStream(flow),
};
