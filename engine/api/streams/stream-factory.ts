// The classes of streams make one another: a stream is keyed, a keyed one is windowed, and a window's
// result is a stream again. Modules must not import one another in a circle, so each stream carries this
// factory; streams.ts, which knows the classes, makes it.

import type { TimeMark } from '../type-checks.ts';
import type { DataStream, OperatorStream } from './data-stream.ts';
import type { Flow, Recorded } from './flow.ts';
import type { KeyedStream } from './keyed-stream.ts';

export interface StreamFactory {
  stream<T, M extends TimeMark>(flow: Flow): DataStream<T, M>;
  operator<T, M extends TimeMark>(recorded: Recorded): OperatorStream<T, M>;
  keyed<T, K, M extends TimeMark>(flow: Flow): KeyedStream<T, K, M>;
}
