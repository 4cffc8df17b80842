// Whom TaskManagers obey, seen on the network: one that has worked for a leader carries out nothing more that an
// earlier one tells it, however late that comes.

import { epochOf, type FencingToken } from '../../engine/core/ids.ts';
import type { Seen } from '../harness/memory-network.ts';

/** Carried out in the turn in which they come, under whatever epoch is known then. */
const ORDERS = [
  'cancelTask',
  'triggerCheckpoint',
  'notifyCheckpoint',
  'freeSlot',
  'requestSlot',
  'sendOperatorEvent',
];
const REPORTS = ['heartbeat', 'offerSlots'];

export class Obedience {
  /** By TaskManager: the epoch of the last leader that it has said something to. */
  readonly #epochs = new Map<string, number>();
  readonly #wrong: (name: string, text: string) => void;

  constructor(wrong: (name: string, text: string) => void) {
    this.#wrong = wrong;
  }

  onMessage({ t, method, from, to, token }: Seen): void {
    if (typeof token !== 'string') return; // it registers
    const epoch = epochOf(token as FencingToken);
    const known = this.#epochs.get(from) ?? 0;
    if (t === 'call' && REPORTS.includes(method)) this.#epochs.set(from, Math.max(known, epoch));
    if (t === 'ok' && ORDERS.includes(method) && epoch < known)
      this.#wrong('obeys', `${from} does ${method} for ${to} of epoch ${epoch}, after ${known}`);
  }
}
