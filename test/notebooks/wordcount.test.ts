// A server that sends lines and ends, as somebody with nc would.

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { notebook, run, unordered } from './run-notebook.ts';

const TEXT = `To be, or not to be:
that is the question\r
WHETHER ’tis nobler in the mind to suffer

the slings and arrows of outrageous fortune – Über-mut, 100 %
and the last line has no end`;

/** Listens; sends the text to the first who comes, in pieces that end anywhere, and ends the connection. */
async function serve(text: string): Promise<number> {
  const server = createServer((socket) => {
    server.close();
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += 7) socket.write(bytes.subarray(at, at + 7));
    socket.end();
  });
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test.each(['1', '2'])(
  'with parallelism %s each word is counted as it comes',
  async (parallelism) => {
    const port = await serve(TEXT);
    const { rows } = await run(
      notebook('wordcount.ts'),
      ...[
        '--set',
        'host=127.0.0.1',
        '--set',
        `port=${port}`,
        '--set',
        'retries=0',
        '-p',
        parallelism,
      ],
    );
    const counts = new Map<string, number>();
    const expected = TEXT.toLowerCase()
      .split(/[^a-zü]+/)
      .filter((word) => word !== '')
      .map((word) => {
        counts.set(word, (counts.get(word) ?? 0) + 1);
        return [word, counts.get(word)];
      });
    const values = rows.map(({ value }) => value);
    if (parallelism === '1') expect(values).toEqual(expected);
    else expect(unordered(values)).toEqual(unordered(expected));
  },
);
