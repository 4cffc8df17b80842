import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  type SocketSourceOptions,
  socketSource,
} from '../../../engine/connectors/socket/socket-source.ts';
import { turn, turns, until } from '../../harness/until.ts';
import { SourceRun } from '../source-run.ts';
import { TestServer } from './server.ts';

const start = (
  port: number,
  options: Partial<SocketSourceOptions> = {},
  configuration: Record<string, string> = {},
): SourceRun<SocketSourceOptions> =>
  new SourceRun(socketSource, { options: { host: '127.0.0.1', port, ...options }, configuration });

const gives = (run: SourceRun<SocketSourceOptions>, count: number): Promise<void> =>
  run.runUntil(() => run.values.length >= count, `${count} records, have ${run.values}`);

/** Sends each piece when the one before has come in. */
async function send(
  run: SourceRun<SocketSourceOptions>,
  socket: Socket,
  pieces: readonly (string | Buffer)[],
): Promise<void> {
  for (const piece of pieces) {
    const { wakes } = run;
    socket.write(piece);
    await run.runUntil(() => run.wakes > wakes, `${piece} comes in`);
    run.pollAwake();
  }
}

describe('records', () => {
  test('are what stands between line ends, however it comes', async () => {
    const server = await new TestServer().listen();
    const run = start(server.port);
    const socket = await server.connected(1);
    const letter = Buffer.from('ß');
    await send(run, socket, ['on', 'e\ntwo\r', '\n\n', letter.subarray(0, 1)]);
    await send(run, socket, [letter.subarray(1), 'x', '\n']);
    await gives(run, 4);
    expect(run.values).toEqual(['one', 'two', '', 'ßx']);
    expect(run.subtasks[0]?.result).toBe('nothing');
  });

  test('may have any delimiter, also one that comes in two pieces', async () => {
    const server = await new TestServer().listen();
    const run = start(server.port, { delimiter: '--' });
    const socket = await server.connected(1);
    await send(run, socket, ['a\n-', '-b-c', '-', '-', 'd--']);
    await gives(run, 3);
    expect(run.values).toEqual(['a\n', 'b-c', 'd']);
  });

  test('longer than one may be fail the task', async () => {
    const server = await new TestServer().listen();
    const run = start(server.port, {}, { 'pipeline.max-record-size': '1 kb' });
    (await server.connected(1)).write('x'.repeat(2_000));
    expect((await run.runUntilFailure()).message).toContain(
      `127.0.0.1:${server.port} sent more than 1024 bytes without the delimiter "\\n"`,
    );
  });

  test('of an empty delimiter cannot be', () => {
    expect(() => start(1, { delimiter: '' })).toThrow('the delimiter is empty');
  });
});

test('a sender that is faster than the task is held up', async () => {
  const server = await new TestServer().listen();
  const run = start(server.port);
  const socket = await server.connected(1);
  const record = 'x'.repeat(9_999);
  let sent = 0;
  // Until neither side's buffers take any more.
  for (let quiet = 0; quiet < 200; ) {
    const { writableLength } = socket;
    if (writableLength < 1_000_000) {
      socket.write(`${record}\n`);
      sent++;
      quiet = 0;
    } else {
      await turn();
      quiet = socket.writableLength === writableLength ? quiet + 1 : 0;
    }
  }
  expect(sent * 10_000).toBeLessThan(64_000_000);
  expect(run.values).toEqual([]);
  await gives(run, sent);
  expect(run.values).toEqual(Array.from({ length: sent }, () => record));
});

describe('connections', () => {
  test('that are refused are tried again every second, and each is a line in the log', async () => {
    const server = await new TestServer().listen();
    await server.stop();
    const run = start(server.port, { retries: 3 });
    const lines = (count: number): Promise<void> =>
      run.runUntil(() => run.log.lines.length >= count, `${count} lines`);
    await lines(1);
    const { port } = server;
    expect(run.log.lines).toEqual([
      `warn connection refused by 127.0.0.1:${port}, retry 1 of 3 in 1 s; start it with: nc -lk ${port}`,
    ]);
    expect(run.clock.nextTimerMs).toBe(1_000);
    run.clock.advance(1_000);
    await lines(2);
    expect(run.log.lines[1]).toContain('retry 2 of 3 in 1 s');
    await server.listen();
    run.clock.advance(1_000);
    const socket = await server.connected(1);
    socket.write('a\n');
    await gives(run, 1);
    expect(run.log.lines[2]).toBe(`info connected to 127.0.0.1:${port}`);
    socket.resetAndDestroy();
    await lines(4);
    expect(run.log.lines[3]).toContain('retry 1 of 3 in 1 s');
  });

  test('that are refused too often fail the task', async () => {
    const server = await new TestServer().listen();
    await server.stop();
    for (const [retries, text] of [
      [1, ' after 1 retries'],
      [0, ''],
    ] as const) {
      const run = start(server.port, { retries });
      await until(() => {
        run.clock.advance(1_000);
        return run.failure !== undefined;
      }, 'the failure');
      expect((run.failure as Error).message).toBe(
        `connection refused by 127.0.0.1:${server.port}${text}; start it with: nc -lk ${server.port}`,
      );
    }
  });

  test('that the other side ends are made again, and a last record needs no delimiter', async () => {
    const server = await new TestServer().listen();
    const run = start(server.port);
    (await server.connected(1)).end('a\nb');
    await gives(run, 2);
    expect(run.log.lines.at(-1)).toContain('ended the connection, retry 1 of 10 in 1 s');
    run.clock.advance(1_000);
    (await server.connected(2)).write('c\n');
    await gives(run, 3);
    expect(run.values).toEqual(['a', 'b', 'c']);
  });

  test('without retries, the end of the connection is the end of the input', async () => {
    const server = await new TestServer().listen();
    const run = start(server.port, { retries: 0 });
    (await server.connected(1)).end('a\nb');
    expect(await run.run()).toEqual(['a', 'b']);
    expect(run.released).toEqual(['socket']);
    expect(run.snapshot().splits).toEqual([]);
  });

  test('that break are made again, and the log says what is lost', async () => {
    const server = await new TestServer().listen();
    const run = start(server.port);
    const socket = await server.connected(1);
    socket.write('a\nunfinished');
    await gives(run, 1);
    socket.resetAndDestroy();
    await run.runUntil(
      () => run.log.lines.some((line) => line.includes('are lost')),
      'the warning',
    );
    expect(run.log.lines.join()).toContain(`lost the connection to 127.0.0.1:${server.port}`);
    expect(run.log.lines.join()).toContain('10 bytes of an unfinished record');
    run.clock.advance(1_000);
    (await server.connected(2)).write('b\n');
    await gives(run, 2);
    expect(run.values).toEqual(['a', 'b']);
  });

  test('to a host that does not exist say so', async () => {
    const run = start(1, { host: 'no-such-host.invalid', retries: 0 });
    await until(() => run.failure !== undefined, 'the failure');
    expect((run.failure as Error).message).toBe('there is no host no-such-host.invalid (port 1)');
  });

  test('are closed with the reader, and nothing is tried again', async () => {
    const server = await new TestServer().listen();
    const run = start(server.port);
    const socket = await server.connected(1);
    run.close();
    await until(() => socket.destroyed, 'the end of the connection');
    await turns();
    expect(run.clock.timers).toBe(0);
  });

  test('after a restore are made anew by one subtask', async () => {
    const server = await new TestServer().listen();
    const before = start(server.port);
    await server.connected(1);
    const restored = before.snapshot();
    before.close();
    const run = new SourceRun(socketSource, {
      options: { host: '127.0.0.1', port: server.port },
      parallelism: 2,
      restored,
    });
    (await server.connected(2)).write('a\n');
    await gives(run, 1);
    expect(run.subtasks.map(({ result }) => result)).toEqual(['nothing', 'end']);
  });
});
