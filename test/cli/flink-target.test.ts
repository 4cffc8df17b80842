// A notebook on a real Flink: refused, before anything is compiled or sent.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Place } from '../e2e/harness/tool.ts';

const CONFIG = '{"flink-version":"2.2.0","flink-revision":"7a2ef8e","refresh-interval":3000}';

test.each(['run', 'info'])(
  '%s of a notebook there exits with 2 and says what follows',
  async (verb) => {
    const asked: string[] = [];
    const server = createServer((incoming, response) => {
      asked.push(`${incoming.method} ${incoming.url}`);
      response.end(CONFIG);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    onTestFinished(() => void server.close());
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const place = new Place();
    place.write(
      'n.ts',
      "import { env } from 'sluice';\n// %% A\nenv.fromSequence(1, 2).print();\n",
    );
    const { code, out, err } = await place.run(verb, 'n.ts', '-m', address);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('is Apache Flink 2.2.0');
    expect(err).toContain('needs the runner, which follows');
    expect(asked).toEqual(['GET /v1/config']);
  },
);
