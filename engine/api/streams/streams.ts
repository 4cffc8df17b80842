// The classes of streams, tied together: the one module that imports them all. Whoever begins a stream (env)
// hands this to it, and every stream hands it on.

import { DataStream, OperatorStream } from './data-stream.ts';
import { KeyedStream } from './keyed-stream.ts';
import type { StreamFactory } from './stream-factory.ts';

export const streams: StreamFactory = {
  stream: (flow) => new DataStream(flow),
  operator: (recorded) => new OperatorStream(recorded),
  keyed: (flow) => new KeyedStream(flow),
};
