import { expect, test } from 'vitest';
import {
  type SocketSinkOptions,
  socketSink,
} from '../../../engine/connectors/socket/socket-sink.ts';
import { limits } from '../../../engine/core/limits.ts';
import { turns, until } from '../../harness/until.ts';
import { TestSinkContext } from '../sink-context.ts';
import { TestServer } from './server.ts';

async function started(options: Partial<SocketSinkOptions> = {}) {
  const server = await new TestServer().listen();
  const context = new TestSinkContext();
  const all = { host: '127.0.0.1', port: server.port, ...options };
  const writer = socketSink.createWriter(all, context);
  return { server, context, writer };
}

test('records go out with the delimiter behind each, at the end of the turn', async () => {
  const { server, context, writer } = await started({ delimiter: ';' });
  await server.connected(1);
  writer.write('a', 0);
  writer.write({ b: 1 }, 0);
  await turns();
  expect(server.received[0]).toBe('');
  context.clock.advance(0);
  await until(() => server.received[0] === 'a;{"b":1};', 'the records');
  writer.close();
});

test('a checkpoint waits until everything was sent', async () => {
  const { server, writer } = await started();
  writer.write('before there is a connection', 0);
  let isPrepared = false;
  const prepared = writer.prepareCommit(1).then(() => {
    isPrepared = true;
  });
  expect(isPrepared).toBe(false);
  await prepared;
  await until(() => server.received[0] === 'before there is a connection\n', 'the record');
  writer.close();
});

test('a lost connection is made again and gets all since the last checkpoint anew', async () => {
  const { server, context, writer } = await started();
  writer.write('a', 0);
  await writer.prepareCommit(1);
  writer.write('b', 0);
  context.clock.advance(0);
  await until(() => server.received[0] === 'a\nb\n', 'both records');
  await server.stop();
  writer.write('c', 0);
  await until(() => context.log.lines.length > 1, 'the loss');
  await server.listen();
  let isPrepared = false;
  const prepared = writer.prepareCommit(2).then(() => {
    isPrepared = true;
  });
  await turns();
  expect(isPrepared).toBe(false);
  await until(() => {
    context.clock.advance(1_000);
    return isPrepared;
  }, 'the checkpoint');
  await prepared;
  await until(() => server.received[1] === 'b\nc\n', 'the records anew');
  writer.close();
});

test('a checkpoint waits for what must be sent anew', async () => {
  const { server, context, writer } = await started();
  writer.write('a', 0);
  context.clock.advance(0);
  await until(() => server.received[0] === 'a\n', 'the record');
  await server.stop();
  await until(() => context.log.lines.length > 1, 'the loss');
  let isPrepared = false;
  void writer.prepareCommit(1).then(() => {
    isPrepared = true;
  });
  await turns();
  expect(isPrepared).toBe(false);
  await server.listen();
  context.clock.advance(1_000);
  await until(() => isPrepared, 'the checkpoint');
  await until(() => server.received[1] === 'a\n', 'the record anew');
  writer.close();
});

test('a receiver that is slow makes the writer refuse, and wakes it when it reads on', async () => {
  const { server, context, writer } = await started();
  const socket = await server.connected(1);
  socket.pause();
  const record = 'x'.repeat(99_999);
  let written = 0;
  await until(() => {
    for (let i = 0; i < 20 && writer.isWritable(); i++, written++) writer.write(record, 0);
    return !writer.isWritable();
  }, 'the writer refuses');
  await turns();
  const { wakes } = context;
  socket.resume();
  await until(() => context.wakes > wakes && writer.isWritable(), 'room');
  await writer.prepareCommit(1);
  await until(() => server.received[0]?.length === written * 100_000, 'all records');
  writer.close();
});

test('nobody there holds up the task, then fails it and the checkpoint', async () => {
  const { server, context, writer } = await started({ retries: 1 });
  await server.connected(1);
  await server.stop();
  const record = 'x'.repeat(100_000);
  await until(() => context.log.lines.some((line) => line.includes('retry 1 of 1')), 'the loss');
  while (writer.isWritable()) writer.write(record, 0);
  const prepared = writer.prepareCommit(1);
  const failed = expect(prepared).rejects.toThrow('connection refused by 127.0.0.1');
  await until(() => {
    context.clock.advance(1_000);
    return context.failure !== undefined;
  }, 'the failure');
  await failed;
  await expect(writer.prepareCommit(2)).rejects.toThrow('connection refused');
  writer.close();
});

test('what is kept to be sent again is bounded', async () => {
  const { server, context, writer } = await started();
  await server.connected(1);
  const record = 'x'.repeat(99_999);
  const count = Math.ceil((3 * limits.sinkBufferBytes) / 100_000);
  for (let i = 0; i < count; i++) {
    writer.write(record, 0);
    await until(() => writer.isWritable(), 'room');
  }
  await until(() => server.received[0]?.length === count * 100_000, 'all records');
  await server.stop();
  await until(() => context.log.lines.length > 1, 'the loss');
  await server.listen();
  context.clock.advance(1_000);
  await until(() => (server.received[1]?.length ?? 0) > 0, 'records anew');
  await writer.prepareCommit(1);
  await turns();
  expect(server.received[1]?.length).toBeLessThanOrEqual(limits.sinkBufferBytes + 100_000);
  writer.close();
});
