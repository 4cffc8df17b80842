// The channels of a slot's tasks, by how they are carried. Channels between two tasks of this thread exist
// only here: whichever end is built first makes it, and it is forgotten when both have it.

import { must } from '../core/assert.ts';
import type { InputChannel, OutputChannel } from '../network/channel.ts';
import { Bell } from '../network/doorbell.ts';
import { LocalChannel } from '../network/local-channel.ts';
import { RingConsumer, RingProducer } from '../network/ring.ts';
import { RingInputChannel, RingOutputChannel } from '../network/ring-channel.ts';
import type { Carrier, Carriers } from './task-deployment.ts';

export class SlotChannels {
  /** Channels of which one end has been taken. */
  readonly #halfOpen = new Map<string, LocalChannel>();

  output(channelId: string, carriers: Carriers): OutputChannel {
    const carrier = carrierOf(channelId, carriers);
    if (carrier.kind === 'local') return this.#local(channelId);
    return new RingOutputChannel(new RingProducer(carrier.memory, ringing(carrier)));
  }

  input(channelId: string, carriers: Carriers): InputChannel {
    const carrier = carrierOf(channelId, carriers);
    if (carrier.kind === 'local') return this.#local(channelId);
    return new RingInputChannel(new RingConsumer(carrier.memory, ringing(carrier)));
  }

  /** The task at one end has failed or was cancelled: nobody will come for the other. */
  release(channelIds: Iterable<string>): void {
    for (const channelId of channelIds) this.#halfOpen.delete(channelId);
  }

  #local(channelId: string): LocalChannel {
    const known = this.#halfOpen.get(channelId);
    if (known !== undefined) {
      this.#halfOpen.delete(channelId);
      return known;
    }
    const channel = new LocalChannel();
    this.#halfOpen.set(channelId, channel);
    return channel;
  }
}

const carrierOf = (channelId: string, carriers: Carriers): Carrier =>
  must(carriers.get(channelId), `carrier of channel ${channelId}`);

function ringing(carrier: Carrier & { kind: 'ring' }): () => void {
  const bell = new Bell(carrier.bell);
  return () => bell.ring();
}
