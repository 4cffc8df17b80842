// Messages over sockets: whole and in order however they are cut, and none from a stranger.

import { createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { describe, expect, onTestFinished, test } from 'vitest';
import { limits } from '../../engine/core/limits.ts';
import { socketTransport } from '../../engine/rpc/socket-transport.ts';
import type { Connection, Listener } from '../../engine/rpc/transport.ts';
import { temporaryDirectory } from '../harness/temporary-directory.ts';
import { turns, until } from '../harness/until.ts';

const SECRET = 'of the cluster';

interface Server {
  readonly listener: Listener;
  readonly path: string;
  readonly connections: Connection[];
  readonly messages: unknown[];
}

async function listen(address?: string): Promise<Server> {
  const path = join(temporaryDirectory(), 'rpc');
  const connections: Connection[] = [];
  const messages: unknown[] = [];
  const listener = await socketTransport(SECRET).listen(address ?? `unix:${path}`, (connection) => {
    connections.push(connection);
    connection.onMessage((message) => messages.push(message));
  });
  onTestFinished(() => listener.close());
  return { listener, path, connections, messages };
}

const connect = (server: Server, secret = SECRET): Promise<Connection> =>
  socketTransport(secret).connect(server.listener.address);

function rawSocket(server: Server): Socket {
  const socket = createConnection(server.path);
  socket.on('error', () => undefined);
  socket.resume();
  onTestFinished(() => void socket.destroy());
  return socket;
}

function frame(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

const greeting = (secret = SECRET): Buffer => frame(Buffer.from(`sluice-rpc/1 ${secret}`));

describe('messages', () => {
  test('travel both ways as they are, in order', async () => {
    const server = await listen();
    const client = await connect(server);
    const answers: unknown[] = [];
    client.onMessage((message) => answers.push(message));
    const sent = [
      { id: 1n, at: new Date(7), map: new Map([['k', new Set([1])]]), gone: undefined },
      'x'.repeat(300_000),
      [Number.NaN, -0, Uint8Array.of(1, 2)],
    ];
    for (const message of sent) client.send(message);
    await until(() => server.messages.length === 3, 'messages');
    expect(server.messages).toStrictEqual(sent);
    server.connections[0]?.send({ ok: true });
    await until(() => answers.length === 1, 'the answer');
    expect(answers).toEqual([{ ok: true }]);
  });

  test('are put together again wherever the stream is cut, also inside a length', async () => {
    const server = await listen();
    const socket = rawSocket(server);
    const messages = [1, 'two', { three: [3] }, 'x'.repeat(500)];
    const bytes = Buffer.concat([greeting(), ...messages.map((one) => frame(serialize(one)))]);
    for (const byte of bytes) {
      socket.write(Buffer.of(byte));
      await turns(1);
    }
    await until(() => server.messages.length === messages.length, 'messages');
    expect(server.messages).toEqual(messages);
  });

  test('that came with the greeting are not lost', async () => {
    const server = await listen();
    rawSocket(server).write(Buffer.concat([greeting(), frame(serialize('early'))]));
    await until(() => server.messages.length === 1, 'the message');
  });

  test('that cannot be written throw, and the connection goes on', async () => {
    const server = await listen();
    const client = await connect(server);
    expect(() => client.send({ f: () => 1 })).toThrow(/could not be cloned/);
    client.send('next');
    await until(() => server.messages.length === 1, 'the next');
  });
});

describe('the end of a connection', () => {
  test('is told to both ends once, whoever closed it', async () => {
    const server = await listen();
    const client = await connect(server);
    await until(() => server.connections.length === 1, 'connected');
    const told: string[] = [];
    client.onClose((reason) => told.push(`client: ${reason}`));
    server.connections[0]?.onClose((reason) => told.push(`server: ${reason}`));
    client.close();
    client.close();
    await until(() => told.length === 2, 'told');
    expect(told).toEqual([
      'client: closed here',
      'server: the other end has closed the connection',
    ]);
    client.send('into nothing');
    await turns();
    expect(server.messages).toEqual([]);
  });

  test('a listener that closes ends its connections', async () => {
    const server = await listen();
    const client = await connect(server);
    let isClosed = false;
    client.onClose(() => {
      isClosed = true;
    });
    await server.listener.close();
    await until(() => isClosed, 'closed');
  });

  test.each([
    ['a message that no V8 wrote', frame(Buffer.from([0xff, 0x0f, 0x99]))],
    ['a length beyond all bounds', Buffer.from([0xff, 0xff, 0xff, 0x7f])],
  ])('%s closes it', async (_, bytes) => {
    const server = await listen();
    const socket = rawSocket(server);
    let isClosed = false;
    socket.on('close', () => {
      isClosed = true;
    });
    socket.write(Buffer.concat([greeting(), bytes]));
    await until(() => isClosed, 'closed');
    expect(server.messages).toEqual([]);
  });

  test('a peer that does not read is given up when too much waits for it', async () => {
    const path = join(temporaryDirectory(), 'deaf');
    const sockets: Socket[] = [];
    const deaf = createServer((socket) => sockets.push(socket.pause())).listen(path);
    onTestFinished(() => void deaf.close());
    const client = await socketTransport(SECRET).connect(`unix:${path}`);
    let reason = '';
    client.onClose((why) => {
      reason = why;
    });
    const message = new Uint8Array(limits.rpcMessageBytesMax / 4);
    for (let i = 0; i < 6 && reason === ''; i++) client.send(message);
    expect(reason).toBe('the other end does not read');
    for (const socket of sockets) socket.destroy();
  });
});

describe('a stranger', () => {
  /** Bytes that would end the process of whoever evaluates them: they must never be looked at. */
  const trap = frame(serialize('never read'));

  test.each([
    ['with another secret', greeting('of the other one')],
    ['without a greeting', Buffer.concat([trap, trap, trap])],
    [
      'of another protocol',
      Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n'),
    ],
    ['with a longer secret', greeting(`${SECRET}!`)],
  ])('%s is cut off before anything else is read', async (_, first) => {
    const server = await listen();
    const socket = rawSocket(server);
    let isClosed = false;
    socket.on('close', () => {
      isClosed = true;
    });
    socket.write(Buffer.concat([first, trap]));
    await until(() => isClosed, 'cut off');
    expect([server.connections, server.messages]).toEqual([[], []]);
  });

  test('who says only the beginning of the secret is given nothing', async () => {
    const server = await listen();
    const socket = rawSocket(server);
    socket.write(greeting().subarray(0, 10));
    await turns();
    expect(server.connections).toEqual([]);
    socket.write(greeting().subarray(10));
    await until(() => server.connections.length === 1, 'welcome');
  });

  test('a client with another secret is told by the end of its connection', async () => {
    const server = await listen();
    const client = await connect(server, 'other secret!!');
    let isClosed = false;
    client.onClose(() => {
      isClosed = true;
    });
    await until(() => isClosed, 'closed');
  });
});

test('a TCP address with port 0 takes a free one, which others connect to', async () => {
  const server = await listen('tcp:127.0.0.1:0');
  expect(server.listener.address).toMatch(/^tcp:127\.0\.0\.1:[1-9]\d*$/);
  (await connect(server)).send('hello');
  await until(() => server.messages.length === 1, 'the message');
});

test('addresses where nobody listens, or nobody may, are told', async () => {
  const transport = socketTransport(SECRET);
  await expect(transport.connect('unix:/nowhere/at/all')).rejects.toMatchObject({
    reason: 'unreachable',
    message: expect.stringMatching(/^cannot connect to unix:\/nowhere\/at\/all: /) as string,
  });
  await expect(transport.listen('unix:/nowhere/at/all', () => undefined)).rejects.toMatchObject({
    message: expect.stringMatching(/^cannot listen on unix:\/nowhere\/at\/all: /) as string,
  });
});
