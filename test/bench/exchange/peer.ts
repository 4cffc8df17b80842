// The receiving thread of a transfer: reads a ring, or messages, to their end, and touches every record.

import { parentPort, workerData } from 'node:worker_threads';
import { silentLogger } from '../../../engine/core/logger.ts';
import { Bell, Doorbell, type DoorbellMemory } from '../../../engine/network/doorbell.ts';
import { RemoteExchange } from '../../../engine/network/remote-exchange.ts';
import { newRingMemory, RingConsumer, type RingMemory } from '../../../engine/network/ring.ts';
import { RingInputChannel } from '../../../engine/network/ring-channel.ts';

export type PeerData =
  | { readonly way: 'ring'; readonly ring: RingMemory; readonly bell: DoorbellMemory }
  | { readonly way: 'socket'; readonly listenAddress: string; readonly channelId: string }
  | { readonly way: 'messages' };

const data = workerData as PeerData;
let sum = 0;

function touch(values: readonly unknown[], count: number): void {
  for (let i = 0; i < count; i++) sum = (sum + (values[i] as { price: number }).price) | 0;
}

async function read(input: RingInputChannel, doorbell: Doorbell): Promise<void> {
  for (;;) {
    const batch = input.poll();
    if (batch === undefined) {
      if (doorbell.linger()) continue;
      doorbell.prepareToRest();
      if (input.queued > 0) doorbell.stayAwake();
      else await doorbell.rest(Number.POSITIVE_INFINITY);
      continue;
    }
    touch(batch.values, batch.count);
    if (batch.end !== undefined) break;
  }
  parentPort?.postMessage({ sum });
}

/** `bell`: of those who fill the ring. */
function inputOf(ring: RingMemory, bell: DoorbellMemory): RingInputChannel {
  const other = new Bell(bell);
  return new RingInputChannel(new RingConsumer(ring, () => other.ring()));
}

async function readSocket(listenAddress: string, channelId: string): Promise<void> {
  const doorbell = new Doorbell();
  const exchange = new RemoteExchange({
    listenAddress,
    secret: 'bench',
    log: silentLogger,
    onBroken: () => undefined,
  });
  await exchange.start();
  const ring = newRingMemory();
  exchange.receive(channelId, 'unused', ring, doorbell.memory);
  parentPort?.postMessage('ready');
  await read(inputOf(ring, exchange.bell), doorbell);
  await exchange.close();
}

switch (data.way) {
  case 'ring': {
    const doorbell = new Doorbell();
    parentPort?.on('message', () => undefined); // sleeping on a doorbell keeps no thread alive
    parentPort?.postMessage(doorbell.memory);
    await read(inputOf(data.ring, data.bell), doorbell);
    break;
  }
  case 'socket':
    await readSocket(data.listenAddress, data.channelId);
    break;
  case 'messages':
    parentPort?.on('message', (values: readonly unknown[]) => {
      if (values.length === 0) parentPort?.postMessage({ sum });
      else {
        touch(values, values.length);
        parentPort?.postMessage('credit');
      }
    });
    parentPort?.postMessage('ready');
}
