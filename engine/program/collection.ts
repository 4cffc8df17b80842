// What `from(iterable)` holds, as bytes that travel with the job: one value after another, in the format of
// core/value-writer.ts. Bounded, because an iterable need not end.

import { SluiceError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { UnsupportedValue } from '../core/unsupported-value.ts';
import { ValueWriter } from '../core/value-writer.ts';

class CollectionRefused extends SluiceError<'too-large' | 'unsupported-value'> {}

/** @throws CollectionRefused, having closed the iterator; and whatever the iterable throws. */
export function encodeCollection(
  values: Iterable<unknown>,
  bytesMax: number = limits.collectionBytesMax,
): { readonly bytes: Uint8Array; readonly count: number } {
  const writer = new ValueWriter();
  let count = 0;
  for (const value of values) {
    write(writer, value, count);
    count++;
    if (writer.out.length > bytesMax) {
      throw new CollectionRefused(
        'too-large',
        `from(): ${count} values take ${writer.out.length} bytes, and ${bytesMax} is the most that ` +
          'travels with a job; give fewer, or use generate() for values without end, or read a file',
      );
    }
  }
  return { bytes: writer.out.toBytes(), count };
}

function write(writer: ValueWriter, value: unknown, index: number): void {
  try {
    writer.write(value);
  } catch (error) {
    if (!(error instanceof UnsupportedValue)) throw error;
    const message = `from(): value ${index} cannot travel with the job`;
    throw new CollectionRefused('unsupported-value', message, { cause: error });
  }
}
