// Carries channels between TaskManagers: on the main thread of each, between rings of shared memory and
// sockets. One connection per direction and pair of processes, all channels on it. A slot of the sender's
// ring travels when the receiver has granted credit for it, and it grants one for each free slot of its own
// ring: so back-pressure reaches across, and no channel waits for another. Either end says when it has done
// with a channel; one that a broken connection has ended is told to the tasks here. Barriers that are announced
// pass at once, without credit.

import { timingSafeEqual } from 'node:crypto';
import { CorruptData } from '../core/byte-buffer.ts';
import { limits } from '../core/limits.ts';
import type { Logger } from '../core/logger.ts';
import {
  type DataMessage,
  DataMessageReader,
  type DataTaker,
  encodeDataMessage,
  type SlotHead,
  slotMessage,
} from './data-protocol.ts';
import { type DataSocket, machineSockets, type Sockets } from './data-sockets.ts';
import { Bell, Doorbell, type DoorbellMemory } from './doorbell.ts';
import { RingConsumer, type RingMemory, RingProducer, SLOT_ROOM_BYTES } from './ring.ts';

interface Outgoing {
  readonly channelId: string;
  readonly channel: number;
  readonly link: OutgoingLink;
  readonly ring: RingConsumer;
  /** Slots that may be sent. */
  credit: number;
  /** Slots that the socket reads from the ring. */
  underWay: number;
  readonly onWritten: () => void;
  /** The latest checkpoint whose barrier was announced to the other end. */
  announcedId: number;
  /** The producer has ended: what is left in the ring still goes out. */
  isReleased: boolean;
}

/** Where a channel comes from: its connection, and its number there. */
interface From {
  readonly socket: DataSocket;
  readonly channel: number;
}

interface Incoming {
  readonly channelId: string;
  readonly ring: RingProducer;
  /** Undefined until it has been opened. */
  from: From | undefined;
  /** Granted and not yet used. */
  granted: number;
  /** Bytes of the slot that is coming. */
  begun: number;
}

/** The connection to one other TaskManager, and the channels on it. */
interface OutgoingLink {
  readonly address: string;
  readonly socket: DataSocket;
  readonly channels: Map<number, Outgoing>;
  next: number;
  isBlocked: boolean;
}

/** Whoever connects and does not say the secret by then is cut off. */
const GREETING_MS = 10_000;

export interface RemoteExchangeSettings {
  readonly listenAddress: string;
  /** Shared by the cluster's processes: the first bytes on every connection. */
  readonly secret: string;
  readonly log: Logger;
  /** Absent: the machine's own. */
  readonly sockets?: Sockets;
  /** Absent: one of its own. */
  readonly doorbell?: Doorbell;
  /** A connection broke with these channels on it: their tasks cannot go on. */
  onBroken(channelIds: readonly string[], reason: string): void;
}

export class RemoteExchange {
  readonly #settings: RemoteExchangeSettings;
  readonly #greeting: Buffer;
  readonly #doorbell: Doorbell;
  readonly #network: Sockets;
  readonly #links = new Map<string, OutgoingLink>();
  readonly #outgoing = new Map<string, Outgoing>();
  readonly #incoming = new Map<string, Incoming>();
  /** Opened by the other side before the task here was deployed. */
  readonly #opened = new Map<string, From>();
  readonly #sockets = new Set<DataSocket>();
  #server: { close(): void } | undefined;
  #isClosed = false;

  constructor(settings: RemoteExchangeSettings) {
    this.#settings = settings;
    this.#doorbell = settings.doorbell ?? new Doorbell();
    this.#network = settings.sockets ?? machineSockets;
    this.#greeting = Buffer.from(`sluice-data/1 ${settings.secret}`);
  }

  get bell(): DoorbellMemory {
    return this.#doorbell.memory;
  }

  async start(): Promise<void> {
    const { listenAddress } = this.#settings;
    this.#server = await this.#network.listen(listenAddress, (socket) => this.#accept(socket));
    void this.#run();
  }

  send(channelId: string, address: string, memory: RingMemory, producerBell: DoorbellMemory): void {
    const link = this.#links.get(address) ?? this.#connect(address);
    const bell = new Bell(producerBell);
    const channel = link.next++;
    const ring = new RingConsumer(memory, () => bell.ring());
    const outgoing: Outgoing = {
      channelId,
      channel,
      link,
      ring,
      credit: 0,
      underWay: 0,
      onWritten: () => this.#onWritten(outgoing),
      announcedId: 0,
      isReleased: false,
    };
    link.channels.set(channel, outgoing);
    this.#outgoing.set(channelId, outgoing);
    write(link.socket, { kind: 'open', channel, channelId });
  }

  receive(
    channelId: string,
    _address: string,
    memory: RingMemory,
    consumerBell: DoorbellMemory,
  ): void {
    const bell = new Bell(consumerBell);
    const ring = new RingProducer(memory, () => bell.ring());
    const from = this.#opened.get(channelId);
    this.#opened.delete(channelId);
    const incoming: Incoming = { channelId, ring, from, granted: 0, begun: 0 };
    this.#incoming.set(channelId, incoming);
    this.#grant(incoming);
    // Whoever opened it may be gone already: the task hears of it once it is there.
    if (from?.socket.destroyed === true) new Bell(this.#doorbell.memory).ring();
  }

  /** The task at this end has ended. `drain`: what it has written still goes out. */
  release(channelId: string, how: 'drain' | 'drop'): void {
    const from = this.#incoming.get(channelId)?.from;
    this.#incoming.delete(channelId);
    if (from !== undefined) write(from.socket, { kind: 'close', channel: from.channel });
    const outgoing = this.#outgoing.get(channelId);
    if (outgoing === undefined) return;
    outgoing.isReleased = true;
    if (how === 'drop') this.#end(outgoing);
    else this.#pump(outgoing);
  }

  close(): void {
    this.#isClosed = true;
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
    new Bell(this.#doorbell.memory).ring();
  }

  /** Woken by the slots of this process: something to send, or room to receive. */
  async #run(): Promise<void> {
    while (!this.#isClosed) {
      this.#doorbell.prepareToRest();
      for (const outgoing of this.#outgoing.values()) this.#pump(outgoing);
      for (const incoming of this.#incoming.values()) this.#grant(incoming);
      this.#breakOrphans();
      await this.#doorbell.rest(Number.POSITIVE_INFINITY);
    }
  }

  #pump(outgoing: Outgoing): void {
    const { link, ring, channel } = outgoing;
    this.#announce(outgoing);
    while (outgoing.credit > 0 && !link.isBlocked) {
      const slot = ring.peek(outgoing.underWay);
      if (slot === undefined || link.socket.destroyed) break;
      outgoing.credit--;
      outgoing.underWay++;
      const { roomy, length, continues } = slot;
      const message = slotMessage(roomy, SLOT_ROOM_BYTES, { channel, length, continues });
      link.isBlocked = !link.socket.write(message, outgoing.onWritten);
    }
    if (outgoing.isReleased && ring.used === 0) this.#end(outgoing);
  }

  /** The oldest slot that was under way. */
  #onWritten(outgoing: Outgoing): void {
    outgoing.underWay--;
    outgoing.ring.release();
    if (outgoing.isReleased && this.#outgoing.has(outgoing.channelId)) this.#pump(outgoing);
  }

  #announce(outgoing: Outgoing): void {
    const { link, ring, channel, announcedId } = outgoing;
    const barrier = ring.announced;
    if (barrier === undefined || barrier.checkpointId === announcedId) return;
    const { checkpointId, timestampMs, overtakesAfterMs = 0 } = barrier;
    outgoing.announcedId = checkpointId;
    write(link.socket, {
      kind: 'announce',
      channel,
      barrier: { checkpointId, timestampMs, overtakesAfterMs },
    });
  }

  #end(outgoing: Outgoing): void {
    write(outgoing.link.socket, { kind: 'close', channel: outgoing.channel });
    this.#forgetOutgoing(outgoing);
  }

  #forgetOutgoing(outgoing: Outgoing): void {
    outgoing.link.channels.delete(outgoing.channel);
    this.#outgoing.delete(outgoing.channelId);
  }

  #grant(incoming: Incoming): void {
    const { from, ring } = incoming;
    if (from === undefined) return;
    const slots = ring.capacity - ring.used - ring.debt - incoming.granted;
    if (slots <= 0) return;
    incoming.granted += slots;
    write(from.socket, { kind: 'credit', channel: from.channel, slots });
  }

  #connect(address: string): OutgoingLink {
    const socket = this.#network.connect(address);
    const link: OutgoingLink = { address, socket, channels: new Map(), next: 1, isBlocked: false };
    this.#links.set(address, link);
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.write(this.#greeting);
    const reader = new DataMessageReader();
    const answers: DataTaker = {
      onMessage: (message) => this.#onAnswer(link, message),
      onPiece: () => undefined, // no data comes this way
    };
    socket.on('data', (chunk: Buffer) => this.#guarded(socket, () => reader.push(chunk, answers)));
    socket.on('drain', () => {
      link.isBlocked = false;
      for (const outgoing of link.channels.values()) this.#pump(outgoing);
    });
    let reason = 'closed by the other end';
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('close', () => this.#onLinkClosed(link, reason));
    return link;
  }

  #onLinkClosed(link: OutgoingLink, reason: string): void {
    this.#sockets.delete(link.socket);
    if (this.#links.get(link.address) === link) this.#links.delete(link.address);
    const broken = [...link.channels.values()];
    for (const outgoing of broken) this.#forgetOutgoing(outgoing);
    this.#break(
      broken.map(({ channelId }) => channelId),
      `connection to ${link.address}: ${reason}`,
    );
  }

  #onAnswer(link: OutgoingLink, message: DataMessage): void {
    const outgoing = link.channels.get(message.channel);
    if (outgoing === undefined) return; // closed meanwhile
    if (message.kind === 'credit') {
      outgoing.credit += message.slots;
      this.#pump(outgoing);
    } else if (message.kind === 'close') {
      // Its receiver has ended: what is still written goes nowhere, and holds nobody up.
      outgoing.ring.close();
      this.#end(outgoing);
    }
  }

  #accept(socket: DataSocket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.setTimeout(GREETING_MS, () => socket.destroy());
    const reader = new DataMessageReader();
    const channels = new Map<number, string>();
    let greeted = Buffer.alloc(0);
    let isWelcome = false;
    const taker: DataTaker = {
      onMessage: (message) => this.#onMessage(socket, channels, message),
      onPiece: (head, at, piece) => this.#onPiece(channels, head, at, piece),
    };
    const read = (bytes: Buffer): void => this.#guarded(socket, () => reader.push(bytes, taker));
    socket.on('data', (chunk: Buffer) => {
      if (isWelcome) return read(chunk);
      greeted = Buffer.concat([greeted, chunk]);
      const length = this.#greeting.length;
      if (greeted.length < length) return;
      if (!timingSafeEqual(greeted.subarray(0, length), this.#greeting)) {
        socket.destroy();
        return;
      }
      isWelcome = true;
      socket.setTimeout(0);
      const rest = greeted.subarray(length);
      if (rest.length > 0) read(rest);
    });
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', () => this.#onPeerGone(socket, channels));
  }

  #onMessage(socket: DataSocket, channels: Map<number, string>, message: DataMessage): void {
    if (message.kind === 'open') {
      channels.set(message.channel, message.channelId);
      const from = { socket, channel: message.channel };
      const incoming = this.#incoming.get(message.channelId);
      if (incoming === undefined) this.#opened.set(message.channelId, from);
      else {
        incoming.from = from;
        this.#grant(incoming);
      }
    } else if (message.kind === 'announce') {
      const incoming = this.#incoming.get(channels.get(message.channel) ?? '');
      incoming?.ring.announce({ ...message.barrier, kind: 'checkpoint', isCancelled: false });
    } else if (message.kind === 'close') {
      this.#opened.delete(channels.get(message.channel) ?? '');
      channels.delete(message.channel);
    }
  }

  /** Into the ring as it comes; there is room for what has credit. */
  #onPiece(
    channels: ReadonlyMap<number, string>,
    { channel, length, continues }: SlotHead,
    at: number,
    piece: Uint8Array,
  ): void {
    const incoming = this.#incoming.get(channels.get(channel) ?? '');
    // Its task has ended, or begun behind the beginning of this slot.
    if (incoming === undefined || at !== incoming.begun) return;
    if (incoming.granted === 0) throw new CorruptData(`${incoming.channelId}: data without credit`);
    incoming.ring.writePiece(piece, at);
    incoming.begun = at + piece.length;
    if (incoming.begun < length) return;
    incoming.begun = 0;
    incoming.granted--;
    incoming.ring.commit(length, continues);
  }

  #onPeerGone(socket: DataSocket, channels: ReadonlyMap<number, string>): void {
    this.#sockets.delete(socket);
    const broken = [...channels.values()].filter((id) => this.#incoming.has(id));
    for (const id of broken) this.#incoming.delete(id);
    this.#break(broken, 'connection closed by the sender');
    for (const [id, from] of this.#opened) {
      if (this.#opened.size <= limits.channelsOrphanedMax) break;
      if (from.socket.destroyed) this.#opened.delete(id);
    }
  }

  /** Their senders had gone before they were there. */
  #breakOrphans(): void {
    const orphans: string[] = [];
    for (const { channelId, from } of this.#incoming.values())
      if (from?.socket.destroyed === true) orphans.push(channelId);
    for (const channelId of orphans) this.#incoming.delete(channelId);
    this.#break(orphans, 'connection closed by the sender');
  }

  #break(channelIds: readonly string[], reason: string): void {
    if (channelIds.length > 0 && !this.#isClosed) this.#settings.onBroken(channelIds, reason);
  }

  #guarded(socket: DataSocket, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#settings.log.log('error', `data connection: ${(error as Error).message}`);
      socket.destroy();
    }
  }
}

function write(socket: DataSocket, message: DataMessage): void {
  // 'close' tells whoever must know.
  if (!socket.destroyed) socket.write(encodeDataMessage(message));
}
