// Bids from one thread to another of this process: through a ring, over a socket as between two processes, and as
// Node would send them, by postMessage. All batches are made beforehand.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { limits } from '../../../engine/core/limits.ts';
import { silentLogger } from '../../../engine/core/logger.ts';
import { Bell, Doorbell, type DoorbellMemory } from '../../../engine/network/doorbell.ts';
import type { RecordBatch } from '../../../engine/network/record-batch.ts';
import { RemoteExchange } from '../../../engine/network/remote-exchange.ts';
import { newRingMemory, RingProducer } from '../../../engine/network/ring.ts';
import { RingOutputChannel } from '../../../engine/network/ring-channel.ts';
import type { GridRow } from '../report.ts';
import { bidBatches } from './bids.ts';
import type { PeerData } from './peer.ts';

const ROWS = limits.frameRowsMax;
/** Messages under way at most: as many batches as a ring holds. */
const MESSAGES_MAX = limits.ringSlots;

interface Way {
  readonly name: string;
  readonly batches: readonly RecordBatch[];
  /** Resolves with what it took once both sides were up. */
  transfer(batches: readonly RecordBatch[], count: number): Promise<Taken>;
}

interface Taken {
  readonly seconds: number;
  /** Of the process. */
  readonly cpuMicros: number;
}

/** Millions of bids a second of wall time and of CPU, and ns of CPU a bid on both sides. */
export async function transferRows(bids: number): Promise<GridRow[]> {
  const whole = bidBatches(64, ROWS);
  const pieces = bidBatches(64, ROWS, 'pieces');
  const count = Math.ceil(bids / ROWS);
  const ways: readonly Way[] = [
    { name: 'ring', transfer: ring, batches: whole },
    { name: 'ring (pieces)', transfer: ring, batches: pieces },
    { name: 'socket', transfer: socket, batches: whole },
    { name: 'postMessage', transfer: messages, batches: whole },
  ];
  const rows: GridRow[] = [];
  for (const { name, transfer, batches } of ways) {
    await transfer(batches, Math.ceil(count / 4)); // to warm up
    const { seconds, cpuMicros } = await transfer(batches, count);
    const records = count * ROWS;
    rows.push({
      name,
      values: [records / seconds / 1e6, records / cpuMicros, (cpuMicros * 1e3) / records],
    });
  }
  return rows;
}

async function ring(batches: readonly RecordBatch[], count: number): Promise<Taken> {
  const memory = newRingMemory();
  const doorbell = new Doorbell();
  const worker = startPeer({ way: 'ring', ring: memory, bell: doorbell.memory });
  const [peerBell] = (await once(worker, 'message')) as [DoorbellMemory];
  const bell = new Bell(peerBell);
  const output = new RingOutputChannel(new RingProducer(memory, () => bell.ring()));
  return await send(output, doorbell, batches, count, worker);
}

async function socket(batches: readonly RecordBatch[], count: number): Promise<Taken> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const [own, other] = ['a', 'b'].map((name) => `unix:${join(directory, name)}`) as [
    string,
    string,
  ];
  const worker = startPeer({ way: 'socket', listenAddress: other, channelId: 'bids' });
  await once(worker, 'message');
  const exchange = new RemoteExchange({
    listenAddress: own,
    secret: 'bench',
    log: silentLogger,
    onBroken: () => undefined,
  });
  await exchange.start();
  const memory = newRingMemory();
  const doorbell = new Doorbell();
  exchange.send('bids', other, memory, doorbell.memory);
  const bell = new Bell(exchange.bell);
  const output = new RingOutputChannel(new RingProducer(memory, () => bell.ring()));
  const taken = await send(output, doorbell, batches, count, worker);
  await exchange.close();
  rmSync(directory, { recursive: true });
  return taken;
}

async function send(
  output: RingOutputChannel,
  doorbell: Doorbell,
  batches: readonly RecordBatch[],
  count: number,
  worker: Worker,
): Promise<Taken> {
  const taken = stopwatch();
  const done = once(worker, 'message');
  for (let sent = 0; sent <= count; ) {
    output.drain();
    if (!output.hasCredit()) {
      doorbell.prepareToRest();
      if (output.hasCredit()) doorbell.stayAwake();
      else await doorbell.rest(Number.POSITIVE_INFINITY);
      continue;
    }
    output.write(sent === count ? end() : (batches[sent % batches.length] as RecordBatch));
    sent++;
  }
  await done;
  const all = taken();
  await worker.terminate();
  return all;
}

function stopwatch(): () => Taken {
  const began = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { seconds: (performance.now() - began) / 1_000, cpuMicros: user + system };
  };
}

function end(): RecordBatch {
  const [batch] = bidBatches(1, 1) as [RecordBatch];
  batch.end = 'partition';
  return batch;
}

async function messages(batches: readonly RecordBatch[], count: number): Promise<Taken> {
  const worker = startPeer({ way: 'messages' });
  await once(worker, 'message');
  const taken = stopwatch();
  for (let sent = 0, arrived = 0; sent < count; sent++) {
    worker.postMessage((batches[sent % batches.length] as RecordBatch).values);
    if (sent + 1 - arrived < MESSAGES_MAX) continue;
    await once(worker, 'message');
    arrived++;
  }
  worker.postMessage([]);
  let answer: unknown = 'credit';
  while (answer === 'credit') [answer] = (await once(worker, 'message')) as [unknown];
  const all = taken();
  await worker.terminate();
  return all;
}

function startPeer(workerData: PeerData): Worker {
  return new Worker(new URL('peer.ts', import.meta.url), {
    workerData,
    execArgv: ['--no-warnings'],
  });
}
