// What a Java stack trace says to a person: Flink answers with whole traces, thirty lines to a cause.

const FRAME = /^\s+at [\w.$/<>]+\(/m;
/** `java.util.concurrent.CompletionException: `, once for each exception that wraps another. */
const CLASSES = /^(?:[\w$]+(?:\.[\w$]+)+: )*/;

/** The first message and, where it says more, that of the last cause; other text as it is. */
export function gistOf(text: string): string {
  if (!FRAME.test(text)) return text;
  const lines = text.replace('<Exception on server side:\n', '').split('\n');
  const messageIn = (line: string | undefined): string => line?.replace(CLASSES, '').trim() ?? '';
  const first = messageIn(lines[0]);
  const cause = lines.findLast((line) => line.startsWith('Caused by: '))?.slice(11);
  const last = messageIn(cause);
  return first.includes(last) ? first : `${first} ${last}`;
}
