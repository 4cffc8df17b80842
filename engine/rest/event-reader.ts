// Server-sent events, as the client reads them: each event to whoever listens, and the id to resume from.

import type { IncomingMessage } from 'node:http';
import { parseJson } from './http-exchange.ts';

/** Of one event: the door's are below a kilobyte. */
const EVENT_CHARS_MAX = 1024 * 1024;

/** Resolves when the connection ends, with the id of the last event. */
export async function readEvents(
  opening: Promise<IncomingMessage>,
  onEvent: (kind: string, data: unknown) => void,
  lastEventId: string | undefined,
): Promise<string | undefined> {
  let last = lastEventId;
  try {
    const response = await opening;
    if (response.statusCode !== 200) {
      response.destroy();
      return last;
    }
    let text = '';
    for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) last = takeEvent(block, onEvent) ?? last;
      if (text.length > EVENT_CHARS_MAX) return last; // leaving the loop ends the connection
    }
  } catch {
    // aborted, or the connection broke: the caller opens another
  }
  return last;
}

/** Returns its id. */
function takeEvent(
  block: string,
  onEvent: (kind: string, data: unknown) => void,
): string | undefined {
  const fields = new Map(
    block
      .split('\n')
      .map(
        (line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const,
      ),
  );
  const [kind, data] = [fields.get('event'), fields.get('data')];
  if (kind !== undefined && data !== undefined) onEvent(kind, parseJson(data));
  return fields.get('id');
}
