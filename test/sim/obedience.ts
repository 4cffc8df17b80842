// Whom TaskManagers obey, seen on the network: one that has worked for a leader carries out nothing more that an
// earlier one tells it, however late that comes. And what leaders order: attempts that are numbered on.

import { epochOf, type FencingToken } from '../../engine/core/ids.ts';
import type { TaskSubmission } from '../../engine/runtime/taskexecutor/task-executor-gateway.ts';
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
  /** By subtask: the last attempt that was ordered, and by whom. */
  readonly #attempts = new Map<string, { readonly epoch: number; readonly attempt: number }>();
  readonly #wrong: (name: string, text: string) => void;

  constructor(wrong: (name: string, text: string) => void) {
    this.#wrong = wrong;
  }

  onMessage({ t, method, from, to, token, args }: Seen): void {
    if (typeof token !== 'string') return; // it registers
    const epoch = epochOf(token as FencingToken);
    const known = this.#epochs.get(from) ?? 0;
    if (t === 'call' && REPORTS.includes(method)) this.#epochs.set(from, Math.max(known, epoch));
    if (t === 'call' && method === 'submitTask')
      this.#onSubmission(epoch, args[1] as TaskSubmission);
    if (t === 'ok' && ORDERS.includes(method) && epoch < known)
      this.#wrong('obeys', `${from} does ${method} for ${to} of epoch ${epoch}, after ${known}`);
  }

  #onSubmission(epoch: number, { deployment }: TaskSubmission): void {
    const { jobId, vertexId, subtask, attempt } = deployment;
    const name = `${jobId} ${vertexId} ${subtask}`;
    const last = this.#attempts.get(name);
    if (last !== undefined && epoch < last.epoch) return; // nobody obeys
    this.#attempts.set(name, { epoch, attempt });
    if (last !== undefined && epoch > last.epoch && attempt <= last.attempt)
      this.#wrong('attempts', `attempt ${attempt} of ${name} comes after ${last.attempt}`);
  }
}
