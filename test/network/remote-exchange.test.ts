// Two exchanges over Unix sockets, as of two TaskManagers: every frame arrives, a slow receiver holds its
// own senders up and nobody else, and a peer's death is told once.

import { existsSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { limits } from '../../engine/core/limits.ts';
import { encodeDataMessage, slotMessage } from '../../engine/network/data-protocol.ts';
import { Bell, Doorbell } from '../../engine/network/doorbell.ts';
import type { RecordBatch } from '../../engine/network/record-batch.ts';
import { RemoteExchange } from '../../engine/network/remote-exchange.ts';
import {
  newRingMemory,
  RingConsumer,
  RingProducer,
  SLOT_ROOM_BYTES,
} from '../../engine/network/ring.ts';
import { RingInputChannel, RingOutputChannel } from '../../engine/network/ring-channel.ts';
import { RecordingLogger } from '../harness/recording-logger.ts';
import { temporaryDirectory } from '../harness/temporary-directory.ts';
import { turns, until } from '../harness/until.ts';
import { barrier, batchOf, elementsOf, fullBatch } from './batches.ts';
import { NearSocket } from './near-socket.ts';

interface End {
  readonly exchange: RemoteExchange;
  readonly address: string;
  readonly broken: string[][];
  readonly log: RecordingLogger;
}

async function start(name: string, directory: string, secret = 'secret'): Promise<End> {
  const broken: string[][] = [];
  const log = new RecordingLogger();
  const address = `unix:${join(directory, name)}`;
  const exchange = new RemoteExchange({
    listenAddress: address,
    secret,
    log,
    onBroken: (ids) => broken.push([...ids]),
  });
  await exchange.start();
  onTestFinished(() => exchange.close());
  return { exchange, address, broken, log };
}

async function pair(): Promise<[sender: End, receiver: End]> {
  const directory = temporaryDirectory();
  return [await start('a', directory), await start('b', directory)];
}

function sending(from: End, to: End, channelId: string): RingOutputChannel {
  const ring = newRingMemory();
  from.exchange.send(channelId, to.address, ring, new Doorbell().memory);
  const bell = new Bell(from.exchange.bell);
  return new RingOutputChannel(new RingProducer(ring, () => bell.ring()));
}

function receiving(at: End, channelId: string): RingInputChannel {
  const ring = newRingMemory();
  at.exchange.receive(channelId, 'unused', ring, new Doorbell().memory);
  const bell = new Bell(at.exchange.bell);
  return new RingInputChannel(new RingConsumer(ring, () => bell.ring()));
}

const rows = (from: number, count: number): RecordBatch =>
  batchOf({ rows: Array.from({ length: count }, (_, i) => [from + i, i]) });

/** Polls until so many batches have come. */
async function take(input: RingInputChannel, count: number): Promise<RecordBatch[]> {
  const batches: RecordBatch[] = [];
  await until(() => {
    const batch = input.poll();
    if (batch !== undefined) batches.push(batch);
    return batches.length === count;
  }, `${count} batches`);
  return batches;
}

describe('a channel between two processes', () => {
  test('carries batches of any size, in order, whichever end is there first', async () => {
    for (const first of ['sender', 'receiver']) {
      const [a, b] = await pair();
      const early = first === 'receiver' ? receiving(b, 'c') : undefined;
      const output = sending(a, b, 'c');
      await turns();
      const input = early ?? receiving(b, 'c');
      const batches = [rows(0, 3), fullBatch(2_000), batchOf({ rows: [], end: 'partition' })];
      const sent = (async () => {
        for (const batch of batches) output.write(batch);
        await until(() => {
          output.drain();
          return output.isDrained();
        }, 'all sent');
      })();
      const received: RecordBatch[] = [];
      await until(() => {
        const batch = input.poll();
        if (batch !== undefined) received.push(batch);
        return batch?.end === 'partition';
      }, 'the end');
      await sent;
      expect(elementsOf(received)).toStrictEqual(elementsOf(batches));
      expect([a.broken, b.broken]).toEqual([[], []]);
    }
  });

  test('that is not read stops its sender after both rings are full, and holds up no other', async () => {
    const [a, b] = await pair();
    const [slow, quick] = [sending(a, b, 'slow'), sending(a, b, 'quick')];
    const [slowInput, quickInput] = [receiving(b, 'slow'), receiving(b, 'quick')];
    let written = 0;
    // Writes whenever there is credit, until there has been none for a while.
    for (let idle = 0; idle < 200; idle++) {
      slow.drain();
      while (slow.hasCredit()) {
        slow.write(rows(written++, 1));
        idle = 0;
      }
      await turns(1);
    }
    expect(written).toBe(2 * limits.ringSlots);
    quick.write(rows(0, 5));
    expect(elementsOf(await take(quickInput, 1))).toHaveLength(5);
    // What was read makes room for as much.
    const firsts = (await take(slowInput, 10)).map(({ values }) => values[0]);
    expect(firsts).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await until(() => slow.hasCredit(), 'credit');
  });

  test('passes an announced barrier although nothing else can pass, and takes less while there is a debt', async () => {
    const [a, b] = await pair();
    const [output, input] = [sending(a, b, 'x'), receiving(b, 'x')];
    for (let i = 0; i < 2 * limits.ringSlots; i++) {
      await until(() => output.hasCredit(), 'credit');
      output.write(rows(i, 1));
      await turns(1);
      output.drain();
    }
    await turns(20);
    expect(output.hasCredit()).toBe(false);
    const announced = barrier(4, { overtakesAfterMs: 30 });
    output.announce(announced);
    await until(() => input.announced !== undefined, 'the announcement');
    expect(input.announced).toEqual(announced);
    input.setDebt(limits.ringSlots);
    await take(input, limits.ringSlots);
    await turns(20);
    expect([input.queued, output.hasCredit()]).toEqual([0, false]);
    input.setDebt(0);
    await until(() => output.hasCredit(), 'credit');
  });

  test('many of them share a connection, and each keeps its order', async () => {
    const [a, b] = await pair();
    const ids = Array.from({ length: 100 }, (_, i) => `c${i}`);
    const outputs = ids.map((id) => sending(a, b, id));
    const inputs = ids.map((id) => receiving(b, id));
    for (let round = 0; round < 20; round++) {
      for (const [i, output] of outputs.entries()) output.write(rows(i * 1_000 + round, 1));
    }
    const received = inputs.map(() => [] as unknown[]);
    await until(() => {
      for (const output of outputs) output.drain();
      for (const [i, input] of inputs.entries()) {
        for (let batch = input.poll(); batch !== undefined; batch = input.poll())
          received[i]?.push(batch.values[0]);
      }
      return received.every((all) => all.length === 20);
    }, 'all rows');
    for (const [i, all] of received.entries())
      expect(all).toEqual(Array.from({ length: 20 }, (_, round) => i * 1_000 + round));
  });
});

describe('a slot on its way', () => {
  async function exchangeOver(...sockets: readonly NearSocket[]): Promise<RemoteExchange> {
    const exchange = new RemoteExchange({
      listenAddress: 'here',
      secret: 'secret',
      log: new RecordingLogger(),
      onBroken: () => undefined,
      sockets: {
        listen(_, accept) {
          for (const socket of sockets) accept(socket);
          return Promise.resolve({ close: () => undefined });
        },
        connect: () => sockets[0] as NearSocket,
      },
    });
    await exchange.start();
    onTestFinished(() => exchange.close());
    return exchange;
  }

  test('is in the ring, and no credit, until the socket is done with it', async () => {
    const socket = new NearSocket();
    const exchange = await exchangeOver(socket);
    const ring = newRingMemory(1, 1_024);
    exchange.send('c', 'there', ring, new Doorbell().memory);
    const output = new RingOutputChannel(new RingProducer(ring, () => undefined));
    output.write(rows(0, 1));
    socket.bring(encodeDataMessage({ kind: 'credit', channel: 1, slots: 2 }));
    expect([socket.written.length, output.hasCredit()]).toEqual([1, false]);
    socket.written[0]?.();
    expect(output.hasCredit()).toBe(true);
  });

  test('whose receiver changes in the middle comes to neither', async () => {
    const sockets = [new NearSocket(), new NearSocket()] as const;
    const exchange = await exchangeOver(...sockets);
    const memory = Buffer.alloc(SLOT_ROOM_BYTES + 20, 7);
    const head = { channel: 1, length: 20, continues: false };
    const message = Buffer.from(slotMessage(memory, SLOT_ROOM_BYTES, head));
    const [first, second] = sockets.map((socket) => {
      exchange.release('c', 'drop');
      const ring = newRingMemory(2, 1_024);
      socket.bring(Buffer.from('sluice-data/1 secret'));
      socket.bring(encodeDataMessage({ kind: 'open', channel: 1, channelId: 'c' }));
      exchange.receive('c', 'unused', ring, new Doorbell().memory);
      if (socket === sockets[0]) socket.bring(message.subarray(0, 15));
      return new RingConsumer(ring, () => undefined);
    });
    sockets[0].bring(message.subarray(15));
    expect([first?.used, second?.used]).toEqual([0, 0]);
    sockets[1].bring(message);
    expect([first?.used, second?.used, second?.peek()?.length]).toEqual([0, 1, 20]);
  });
});

describe('the end of a channel', () => {
  test('a finished sender is still read to its end', async () => {
    const [a, b] = await pair();
    const output = sending(a, b, 'c');
    output.write(rows(0, 2));
    output.write(batchOf({ rows: [], end: 'partition' }));
    a.exchange.release('c', 'drain');
    await turns();
    const input = receiving(b, 'c');
    expect(elementsOf(await take(input, 2))).toEqual([[0, 0], [1, 1], { end: 'partition' }]);
    a.exchange.close();
    await turns();
    expect(b.broken).toEqual([]);
  });

  test('a receiver that has ended lets its sender write into nothing', async () => {
    const [a, b] = await pair();
    const output = sending(a, b, 'c');
    receiving(b, 'c');
    for (let i = 0; i < 3 * limits.ringSlots; i++) output.write(rows(i, 1));
    await turns();
    expect(output.isDrained()).toBe(false);
    b.exchange.release('c', 'drop');
    await until(() => {
      output.drain();
      return output.isDrained();
    }, 'written into nothing');
    expect([a.broken, b.broken]).toEqual([[], []]);
  });

  test('a sender that has failed leaves nothing behind: its channel can be lost without a word', async () => {
    const [a, b] = await pair();
    const output = sending(a, b, 'c');
    receiving(b, 'c');
    output.write(rows(0, 1));
    await turns();
    a.exchange.release('c', 'drop');
    await turns();
    a.exchange.close();
    await turns();
    expect(b.broken).toEqual([]);
  });
});

describe('the death of a peer', () => {
  test('is told to the receiver once, with all channels that had not ended', async () => {
    const [a, b] = await pair();
    const outputs = ['c', 'd', 'e'].map((id) => sending(a, b, id));
    for (const id of ['c', 'd', 'e']) receiving(b, id);
    for (const output of outputs) output.write(rows(0, 1));
    a.exchange.release('d', 'drain');
    await turns();
    a.exchange.close();
    await until(() => b.broken.length > 0, 'the death');
    await turns();
    expect(b.broken).toEqual([['c', 'e']]);
  });

  test('is told to the sender once; a later channel makes a connection anew', async () => {
    const directory = temporaryDirectory();
    const a = await start('a', directory);
    const b = await start('b', directory);
    sending(a, b, 'c');
    receiving(b, 'c');
    await turns();
    b.exchange.close();
    await until(() => a.broken.length > 0, 'the death');
    expect(a.broken).toEqual([['c']]);
    await until(() => !existsSync(join(directory, 'b')), 'the socket is gone');
    const again = await start('b', directory);
    sending(a, again, 'd').write(rows(0, 1));
    expect(await take(receiving(again, 'd'), 1)).toHaveLength(1);
  });

  test('where nobody listens is told to the sender', async () => {
    const [a] = await pair();
    sending(a, { ...a, address: 'unix:/nowhere/at/all' }, 'c');
    await until(() => a.broken.length > 0, 'refused');
    expect(a.broken).toEqual([['c']]);
  });

  test('before the receiver was there is told to it when it comes', async () => {
    const [a, b] = await pair();
    sending(a, b, 'c');
    await turns();
    a.exchange.close();
    await turns();
    receiving(b, 'c');
    await until(() => b.broken.length > 0, 'the orphan');
    expect(b.broken).toEqual([['c']]);
  });
});

describe('a stranger', () => {
  /** Resolves when the exchange has cut it off. */
  function connect(to: End, bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      const socket = createConnection(to.address.slice('unix:'.length));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve());
      socket.resume();
      socket.write(bytes);
    });
  }

  test('who does not know the secret is cut off, and nothing that he sent is read', async () => {
    const [a, b] = await pair();
    const open = Buffer.from([1, 0, 0, 0, 0, 1, 0, 0, 0, 99]);
    await connect(b, Buffer.concat([Buffer.from('sluice-data/1 secreT'), open]));
    const input = receiving(b, 'c');
    sending(a, b, 'c').write(rows(0, 1));
    expect(await take(input, 1)).toHaveLength(1);
  });

  test.each([
    [
      'of another protocol',
      [0xff, 0xff, 0xff, 0xff, 9, 0, 0, 0, 0],
      /a data message of 4294967295 bytes/,
    ],
    ['of data that was not asked for', null, /c: data without credit/],
  ])('who knows it but speaks %s is cut off', async (_, bytes, line) => {
    const [, b] = await pair();
    const input = receiving(b, 'c');
    const open = Buffer.from([1, 0, 0, 0, 0, 1, 0, 0, 0, 'c'.charCodeAt(0)]);
    const slot = Buffer.from([0, 0, 0, 0, 1, 1, 0, 0, 0]);
    const flood = Buffer.concat([open, ...new Array<Buffer>(2 * limits.ringSlots).fill(slot)]);
    const greeting = Buffer.from('sluice-data/1 secret');
    await connect(b, Buffer.concat([greeting, bytes === null ? flood : Buffer.from(bytes)]));
    expect(b.log.lines.join()).toMatch(line);
    expect(input.queued).toBeLessThanOrEqual(limits.ringSlots);
  });
});
