// An error as Flink's Java clients want it: an org.apache.flink.util.SerializedThrowable as Java serializes one,
// without the exception that it would hold. It deserializes with nothing but Flink's own classes, and stands
// for the error with its message and text.

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

/** The type of the first field, which others have as well. */
const STRING = referenceTo(1);

/** Classes and their fields: everything of the stream that is the same for every error. */
const CLASSES = Buffer.concat([
  STREAM_HEADER,
  OBJECT,
  classOf('org.apache.flink.util.SerializedThrowable', '65169df51fa713f3', PLAIN, 3),
  fieldOf('L', 'fullStringifiedStackTrace', stringOf('Ljava/lang/String;')),
  fieldOf('L', 'originalErrorClassName', STRING),
  fieldOf('[', 'serializedException', stringOf('[B')),
  END_OF_BLOCK,
  classOf('java.lang.Exception', 'd0fd1f3e1a3b1cc4', PLAIN, 0),
  END_OF_BLOCK,
  classOf('java.lang.Throwable', 'd5c635273977b8cb', WRITES_ITSELF, 4),
  fieldOf('L', 'cause', stringOf('Ljava/lang/Throwable;')),
  fieldOf('L', 'detailMessage', STRING),
  fieldOf('[', 'stackTrace', stringOf('[Ljava/lang/StackTraceElement;')),
  fieldOf('L', 'suppressedExceptions', stringOf('Ljava/util/List;')),
  END_OF_CLASSES,
]);

const NO_FRAMES = Buffer.concat([
  Buffer.from('75', 'hex'),
  classOf('[Ljava.lang.StackTraceElement;', '02462a3c3cfd2239', PLAIN, 0),
  END_OF_CLASSES,
  Buffer.alloc(4),
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
