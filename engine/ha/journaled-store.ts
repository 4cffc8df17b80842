// Leadership by a log: to lead is to write an entry with a greater epoch, and every further entry of the leader
// is the successor of one that it has read or written. So whoever writes after a greater epoch fails, however
// long it has slept, and knows then. The lease only decides who tries.

import { type Clock, every, type Timer } from '../core/clock.ts';
import type { HaBackend } from './ha-backend.ts';
import { decodeChecked, EMPTY_STATE, encodeChecked, type HaState, type Lease } from './ha-state.ts';
import type { Candidacy, CandidateEvents, HaStore, Leader, LeaderAddress } from './ha-store.ts';
import { JournaledLeadership } from './journaled-leadership.ts';

export interface JournaledStoreSettings {
  /** A leader that has said nothing for that long is taken for dead. */
  readonly leaseTimeoutMs: number;
}

/** Within a lease a leader says so many times that it lives, and others look. */
const LOOKS_PER_LEASE = 5;

export class JournaledHaStore implements HaStore {
  readonly #backend: HaBackend;
  readonly #clock: Clock;
  readonly #leaseTimeoutMs: number;

  constructor(backend: HaBackend, clock: Clock, { leaseTimeoutMs }: JournaledStoreSettings) {
    this.#backend = backend;
    this.#clock = clock;
    this.#leaseTimeoutMs = leaseTimeoutMs;
  }

  stand(events: CandidateEvents): Candidacy {
    const candidate = new Candidate(this.#backend, this.#clock, this.#leaseTimeoutMs, events);
    candidate.start();
    return candidate;
  }

  async leader(): Promise<Leader | undefined> {
    const lease = leaseIn(await this.#backend.readLease());
    return lease?.leader && { ...lease.leader, epoch: lease.epoch };
  }
}

interface Leading {
  readonly leadership: JournaledLeadership;
  readonly address: LeaderAddress;
}

class Candidate implements Candidacy {
  readonly #backend: HaBackend;
  readonly #clock: Clock;
  readonly #leaseTimeoutMs: number;
  readonly #events: CandidateEvents;
  #timer: Timer | undefined;
  #leading: Leading | undefined;
  #beat = 0;
  /** The lease as it was when it last changed, and when that was. */
  #seen: { readonly text: string; readonly atMs: number } | undefined;
  /** The look that is under way. */
  #looking: Promise<void> | undefined;
  #isClosed = false;

  constructor(backend: HaBackend, clock: Clock, leaseTimeoutMs: number, events: CandidateEvents) {
    this.#backend = backend;
    this.#clock = clock;
    this.#leaseTimeoutMs = leaseTimeoutMs;
    this.#events = events;
  }

  start(): void {
    this.#timer = every(this.#clock, this.#leaseTimeoutMs / LOOKS_PER_LEASE, () => this.#tick());
    this.#tick();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.[Symbol.dispose]();
    const leadership = this.#leading?.leadership;
    const led = leadership?.isOver === false;
    leadership?.end();
    await this.#looking; // its word would come after the last
    if (leadership !== undefined && led) await this.#say(leadership.epoch, undefined);
  }

  /** One look at a time; what fails is tried again with the next. */
  #tick(): void {
    if (this.#looking !== undefined || this.#isClosed) return;
    this.#looking = this.#look()
      .catch((error: unknown) => this.#events.onProblem?.(error))
      .finally(() => {
        this.#looking = undefined;
      });
  }

  async #look(): Promise<void> {
    if (this.#leading?.leadership.isOver === false) return this.#lead(this.#leading);
    this.#leading = undefined;
    const bytes = await this.#backend.readLease();
    const text = Buffer.from(bytes ?? []).toString('latin1');
    const now = this.#clock.monotonic();
    if (this.#seen?.text !== text) {
      if (this.#seen !== undefined && text !== '') this.#events.onLedByOther?.();
      this.#seen = { text, atMs: now };
    }
    const lease = leaseIn(bytes);
    const isVacant =
      lease === undefined
        ? text === '' && (await this.#backend.latestNumber()) === 0
        : lease.leader === undefined;
    if (isVacant || now - this.#seen.atMs >= this.#leaseTimeoutMs) await this.#try();
  }

  async #lead({ leadership, address }: Leading): Promise<void> {
    if (await leadership.confirm()) await this.#say(leadership.epoch, address);
  }

  async #try(): Promise<void> {
    const latest = await this.#backend.latest();
    const state =
      latest === undefined
        ? EMPTY_STATE
        : decodeChecked<HaState>(latest.bytes, `entry ${latest.number}`);
    const number = (latest?.number ?? 0) + 1;
    const atMs = this.#clock.monotonic();
    const own = { ...state, epoch: state.epoch + 1 };
    if (!(await this.#backend.append({ number, bytes: encodeChecked(own) }))) {
      this.#seen = undefined; // somebody else was first: it has a whole lease to show up
      return;
    }
    if (this.#isClosed) return this.#say(own.epoch, undefined);
    const leadership = new JournaledLeadership(this.#backend, this.#clock, own, number, atMs);
    const address = this.#events.address(own.epoch);
    this.#leading = { leadership, address };
    this.#events.onElected(leadership);
    await this.#say(own.epoch, address);
  }

  async #say(epoch: number, leader: LeaderAddress | undefined): Promise<void> {
    const lease: Lease = { epoch, beat: this.#beat++, leader };
    await this.#backend.writeLease(encodeChecked(lease));
  }
}

/** Undefined for half of one. */
export function leaseIn(bytes: Uint8Array | undefined): Lease | undefined {
  if (bytes === undefined) return undefined;
  try {
    return decodeChecked<Lease>(bytes, 'the lease');
  } catch {
    return undefined; // the next one tells
  }
}
