// A small ring between two real threads, and their doorbells: nothing is lost, and nobody sleeps for ever.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { Bell, Doorbell, type DoorbellMemory } from '../../engine/network/doorbell.ts';
import { RecordBatch } from '../../engine/network/record-batch.ts';
import { newRingMemory, RingProducer } from '../../engine/network/ring.ts';
import { RingOutputChannel } from '../../engine/network/ring-channel.ts';
import type { EchoData, ReaderData } from './fixtures/ring-peer.ts';

interface Peer {
  readonly bell: DoorbellMemory;
  /** What it says at its end. */
  readonly done: Promise<{ readonly rows: number; readonly inOrder: boolean }>;
}

async function startPeer(workerData: ReaderData | EchoData): Promise<Peer> {
  const script = new URL('fixtures/ring-peer.ts', import.meta.url);
  const worker = new Worker(script, { workerData, execArgv: ['--no-warnings'] });
  onTestFinished(async () => void (await worker.terminate()));
  const [ready] = (await once(worker, 'message')) as [{ readonly bell: DoorbellMemory }];
  return {
    bell: ready.bell,
    done: once(worker, 'message').then(([message]) => message as Awaited<Peer['done']>),
  };
}

/** Writes rows `from` to `to`, and sleeps whenever there is no credit. */
async function writeRows(
  output: RingOutputChannel,
  doorbell: Doorbell,
  [from, to]: readonly [number, number],
): Promise<void> {
  for (let n = from; n < to; ) {
    doorbell.prepareToRest();
    output.drain();
    if (!output.hasCredit()) {
      await doorbell.rest(Number.POSITIVE_INFINITY);
      continue;
    }
    doorbell.stayAwake();
    const batch = new RecordBatch();
    for (const last = Math.min(to, n + 1 + (n % 7)); n < last; n++)
      batch.add({ n, text: 'x'.repeat(n % 300) }, n);
    if (n === to) batch.end = 'partition';
    output.write(batch);
  }
}

async function drain(output: RingOutputChannel, doorbell: Doorbell): Promise<void> {
  while (!output.isDrained()) {
    doorbell.prepareToRest();
    output.drain();
    if (!output.isDrained()) await doorbell.rest(Number.POSITIVE_INFINITY);
  }
}

async function transfer(slots: number, slotBytes: number, rows: number, rowsMax = rows) {
  const ring = newRingMemory(slots, slotBytes);
  const doorbell = new Doorbell();
  const peer = await startPeer({ role: 'reader', ring, producerBell: doorbell.memory, rowsMax });
  const bell = new Bell(peer.bell);
  const output = new RingOutputChannel(new RingProducer(ring, () => bell.ring()));
  await writeRows(output, doorbell, [0, rows]);
  await drain(output, doorbell);
  return peer.done;
}

test('two threads hammer a small ring: every row arrives once, in order', async () => {
  expect(await transfer(2, 100, 20_000)).toMatchObject({ rows: 20_000, inOrder: true });
  expect(await transfer(1, 64, 3_000)).toMatchObject({ rows: 3_000, inOrder: true });
});

test('a reader that closes in the middle lets its writer run to its end', async () => {
  for (const rowsMax of [1, 500, 1_999]) {
    const { rows, inOrder } = await transfer(2, 100, 2_000, rowsMax);
    expect(inOrder).toBe(true);
    expect(rows).toBeGreaterThanOrEqual(rowsMax);
  }
});

test('no ring of a bell is lost: two threads wake one another many times', async () => {
  const rounds = 5_000;
  const doorbell = new Doorbell();
  const peer = await startPeer({ role: 'echo', other: doorbell.memory, rounds });
  const bell = new Bell(peer.bell);
  const count = new Int32Array(doorbell.memory.buffer);
  for (let round = 1; round <= rounds; round++) {
    bell.ring();
    while (Atomics.load(count, 0) < round) {
      doorbell.prepareToRest();
      if (Atomics.load(count, 0) < round) await doorbell.rest(Number.POSITIVE_INFINITY);
      else doorbell.stayAwake();
    }
  }
  await peer.done;
  expect(Atomics.load(count, 0)).toBe(rounds);
});

test('who lingers sees the ring that comes meanwhile, and waits for none that does not', async () => {
  const doorbell = new Doorbell();
  const rounds = Number.POSITIVE_INFINITY;
  const peer = await startPeer({ role: 'echo', other: doorbell.memory, rounds });
  new Bell(doorbell.memory).ring();
  expect(doorbell.linger()).toBe(false);
  const bell = new Bell(peer.bell);
  do bell.ring();
  while (!doorbell.linger());
});

test('a rest ends in time when nobody rings, and at once when somebody rang before it', async () => {
  const doorbell = new Doorbell();
  doorbell.prepareToRest();
  await doorbell.rest(1);
  await doorbell.rest(0);
  doorbell.prepareToRest();
  new Bell(doorbell.memory).ring();
  await doorbell.rest(Number.POSITIVE_INFINITY);
});
