// An accumulator's value as Flink's Java clients want it: what Java serializes of an OptionalFailure that holds a
// Long, a Double, or of a histogram a TreeMap of Integers. It deserializes with Flink's own classes and Java's.

import { type AccumulatorValue, averageOf } from '../core/accumulators.ts';
import {
  classOf,
  END_OF_BLOCK,
  END_OF_CLASSES,
  fieldOf,
  NULL,
  OBJECT,
  PLAIN,
  referenceTo,
  STREAM_HEADER,
  stringOf,
  WRITES_ITSELF,
} from './java-stream.ts';

/** Up to the value, which it writes behind its one field: no failure. */
const HOLDER = Buffer.concat([
  STREAM_HEADER,
  OBJECT,
  classOf('org.apache.flink.util.OptionalFailure', '0000000000000001', WRITES_ITSELF, 1),
  fieldOf('L', 'failureCause', stringOf('Ljava/lang/Throwable;')),
  END_OF_CLASSES,
  NULL,
]);

const LONG = numberClass('java.lang.Long', '3b8be490cc8f23df', 'J');
const DOUBLE = numberClass('java.lang.Double', '80b3c24a296bfb04', 'D');
const INTEGER = numberClass('java.lang.Integer', '12e2a0a4f7818738', 'I');

const TREE_MAP = Buffer.concat([
  OBJECT,
  classOf('java.util.TreeMap', '0cc1f63e2d256ae6', WRITES_ITSELF, 1),
  fieldOf('L', 'comparator', stringOf('Ljava/util/Comparator;')),
  END_OF_CLASSES,
  NULL,
]);

/** The class of Integers in a map: what comes before it are the holder, the map, and their classes and strings. */
const INTEGER_AGAIN = Buffer.concat([OBJECT, referenceTo(6)]);

/** Base64; undefined of what has no such form in Java. */
export function serializedAccumulator(value: AccumulatorValue): string | undefined {
  const object = objectOf(value);
  return object && Buffer.concat([HOLDER, object, END_OF_BLOCK]).toString('base64');
}

function objectOf(value: AccumulatorValue): Buffer | undefined {
  switch (value.kind) {
    case 'LongCounter':
      return Number.isSafeInteger(value.value) ? longOf(value.value) : undefined;
    case 'DoubleCounter':
    case 'DoubleMaximum':
    case 'DoubleMinimum':
      return doubleOf(value.value);
    case 'AverageAccumulator':
      return doubleOf(averageOf(value));
    case 'Histogram':
      return value.counts.flat().every(isInt) ? treeMapOf(value.counts) : undefined;
  }
}

function longOf(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return Buffer.concat([OBJECT, LONG, bytes]);
}

function doubleOf(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return Buffer.concat([OBJECT, DOUBLE, bytes]);
}

function treeMapOf(counts: readonly (readonly [number, number])[]): Buffer {
  const numbers = counts.toSorted(([a], [b]) => a - b).flat();
  const integers = numbers.map((number, i) =>
    Buffer.concat([i === 0 ? Buffer.concat([OBJECT, INTEGER]) : INTEGER_AGAIN, intOf(number)]),
  );
  const block = Buffer.concat([Buffer.from('7704', 'hex'), intOf(counts.length)]);
  return Buffer.concat([TREE_MAP, block, ...integers, END_OF_BLOCK]);
}

function intOf(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

const isInt = (value: number): boolean => Number.isInteger(value) && value === (value | 0);

function numberClass(name: string, serialVersion: string, kind: 'I' | 'J' | 'D'): Buffer {
  return Buffer.concat([
    classOf(name, serialVersion, PLAIN, 1),
    fieldOf(kind, 'value'),
    END_OF_BLOCK,
    classOf('java.lang.Number', '86ac951d0b94e08b', PLAIN, 0),
    END_OF_CLASSES,
  ]);
}
