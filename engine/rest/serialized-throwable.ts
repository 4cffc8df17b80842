// An error as Flink's Java clients want it: an org.apache.flink.util.SerializedThrowable as Java serializes one,
// without the exception that it would hold. It deserializes with nothing but Flink's own classes, and stands
// for the error with its message and text. The format: Java Object Serialization, stream version 5.

const TEXT_BYTES_MAX = 65_535;

/** Classes and their fields: everything of the stream that is the same for every error. */
const CLASSES = Buffer.concat([
  Buffer.from('aced0005', 'hex'),
  classOf('org.apache.flink.util.SerializedThrowable', '65169df51fa713f3', 2, 3),
  fieldOf('L', 'fullStringifiedStackTrace', 'Ljava/lang/String;'),
  fieldOf('L', 'originalErrorClassName', undefined),
  fieldOf('[', 'serializedException', '[B'),
  Buffer.from('78', 'hex'),
  classOf('java.lang.Exception', 'd0fd1f3e1a3b1cc4', 2, 0).subarray(1),
  Buffer.from('78', 'hex'),
  classOf('java.lang.Throwable', 'd5c635273977b8cb', 3, 4).subarray(1),
  fieldOf('L', 'cause', 'Ljava/lang/Throwable;'),
  fieldOf('L', 'detailMessage', undefined),
  fieldOf('[', 'stackTrace', '[Ljava/lang/StackTraceElement;'),
  fieldOf('L', 'suppressedExceptions', 'Ljava/util/List;'),
  Buffer.from('7870', 'hex'),
]);

const NULL = Buffer.from('70', 'hex');
const END_OF_BLOCK = Buffer.from('78', 'hex');
const NO_FRAMES = Buffer.concat([
  Buffer.from('75', 'hex'),
  classOf('[Ljava.lang.StackTraceElement;', '02462a3c3cfd2239', 2, 0).subarray(1),
  Buffer.from('787000000000', 'hex'),
]);

/** Base64. @param text The error with all that is told of it. */
export function serializedThrowable(name: string, message: string, text: string): string {
  const stream = Buffer.concat([
    CLASSES,
    NULL,
    stringOf(message),
    NO_FRAMES,
    NULL,
    END_OF_BLOCK,
    stringOf(text),
    stringOf(name),
    NULL,
  ]);
  return stream.toString('base64');
}

/** An object (73) and the description (72) of its class. `flags` 3: it writes a block of its own. */
function classOf(name: string, serialVersion: string, flags: number, fields: number): Buffer {
  return Buffer.concat([
    Buffer.from('7372', 'hex'),
    utf(name),
    Buffer.from(serialVersion, 'hex'),
    Buffer.from([flags, 0, fields]),
  ]);
}

/** Without a type: that of the first field, a String, by reference. */
function fieldOf(kind: 'L' | '[', name: string, type: string | undefined): Buffer {
  const reference = Buffer.from('71007e0001', 'hex');
  return Buffer.concat([
    Buffer.from(kind),
    utf(name),
    type === undefined ? reference : stringOf(type),
  ]);
}

function stringOf(text: string): Buffer {
  return Buffer.concat([Buffer.from('74', 'hex'), utf(text)]);
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
