// Parts of a Java Object Serialization stream, version 5, as Flink's Java clients read them: strings and the
// descriptions of classes. What is made of them, others say: an error, an accumulator's value.

const TEXT_BYTES_MAX = 65_535;

/** What a stream begins with. */
export const STREAM_HEADER = Buffer.from('aced0005', 'hex');
export const NULL = Buffer.from('70', 'hex');
export const END_OF_BLOCK = Buffer.from('78', 'hex');
/** No annotations of the class, and no class above it. */
export const END_OF_CLASSES = Buffer.from('7870', 'hex');
/** What stands before the description of an object's class. */
export const OBJECT = Buffer.from('73', 'hex');

/** Whether an object of the class writes a block of its own behind its fields. */
export const PLAIN = 2;
export const WRITES_ITSELF = 3;

/** A class and how many fields it has: they follow, then its end and the class above it. */
export function classOf(
  name: string,
  serialVersion: string,
  flags: typeof PLAIN | typeof WRITES_ITSELF,
  fields: number,
): Buffer {
  return Buffer.concat([
    Buffer.from('72', 'hex'),
    utf(name),
    Buffer.from(serialVersion, 'hex'),
    Buffer.from([flags, 0, fields]),
  ]);
}

/** `type`: of an object, the name of its class as a string or a reference to one. */
export const fieldOf = (kind: 'L' | '[' | 'I' | 'J' | 'D', name: string, type?: Buffer): Buffer =>
  Buffer.concat([Buffer.from(kind), utf(name), type ?? Buffer.of()]);

export function stringOf(text: string): Buffer {
  return Buffer.concat([Buffer.from('74', 'hex'), utf(text)]);
}

/** To what has been written already: classes, strings and objects count, in their order. */
export function referenceTo(number: number): Buffer {
  return Buffer.from(`71007e${number.toString(16).padStart(4, '0')}`, 'hex');
}

/** Java writes NUL and what lies beyond the BMP in its own way: they become question marks. */
function utf(text: string): Buffer {
  const plain = Buffer.from(text.replace(/\0|[\u{10000}-\u{10ffff}]|\p{Surrogate}/gu, '?'));
  const bytes = plain.length > TEXT_BYTES_MAX ? Buffer.from(cut(plain)) : plain;
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A character that is cut through is left out. */
function cut(bytes: Buffer): string {
  return bytes
    .subarray(0, TEXT_BYTES_MAX)
    .toString()
    .replace(/\ufffd+$/, '');
}
