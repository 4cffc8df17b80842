// The sessions of the current key, each a value of its own: the newest in namespace 0, the one before it in 1,
// and so on; more than one or two are rare. Where contents are numbers, so are all fields, and the newest is
// extended in the cells that hold it: without an object, and with one place in memory to look at.

import { ownDescriptor } from '../../state/heap/value-types.ts';
import type { NamespacedState, OwnDescriptor } from '../../state/keyed-state.ts';
import type { Window } from '../functions.ts';
import type { Side, WindowContents } from './window-contents.ts';

/** Sessions of one key neither overlap nor touch. */
export interface Session {
  start: number;
  end: number;
  /** Undefined: purged. */
  contents: unknown;
  /** Times of the timers that are set for it with the plain trigger; NEVER: none is. */
  fireMs: number;
  cleanUpMs: number;
}

export const NEVER = Number.POSITIVE_INFINITY;

const NEWEST = 0;
/** Fields as cells. */
const START = 0;
const END = 1;
const CONTENTS = 2;
const FIRE_MS = 3;
const CLEAN_UP_MS = 4;

/** `example`: of their contents. */
export function sessionsDescriptor(example: WindowContents['example']): OwnDescriptor {
  const { name, adopt } = ownDescriptor('sessions', example && (() => ({ contents: example() })));
  return {
    name,
    adopt: adopt && ((stored) => (Array.isArray(stored) ? stored.map(adopt) : adopt(stored))),
  };
}

export class SessionsOfKey {
  /** In the older of two formats all sessions of a key are one value. */
  readonly #state: NamespacedState<number, Session | Session[]>;
  readonly #contents: WindowContents;
  /** No session was seen that is none. */
  #areNumbers = true;

  constructor(state: NamespacedState<number, Session | Session[]>, contents: WindowContents) {
    this.#state = state;
    this.#contents = contents;
  }

  /** By time. */
  load(): Session[] {
    const newest = this.#state.get(NEWEST);
    if (newest === undefined) return [];
    if (Array.isArray(newest)) return newest;
    const sessions = [newest];
    for (;;) {
      const older = this.#state.get(sessions.length);
      if (older === undefined) return sessions.reverse();
      sessions.push(older as Session);
    }
  }

  /** In place of those that were loaded, which were `count`. */
  store(sessions: readonly Session[], count: number): void {
    for (const [i, session] of sessions.toReversed().entries()) this.#state.put(i, session);
    for (let i = sessions.length; i < count; i++) this.#state.remove(i);
  }

  /**
   * Adds an element to the newest session, if that is all there is to do: it lies behind its beginning, the session
   * is not over, and its timer is set.
   */
  extendNewest(value: unknown, side: Side, timeMs: number, window: Window, now: number): boolean {
    if (!this.#areNumbers) return this.#extendObject(value, side, timeMs, window, now);
    const cells = this.#state.cells(NEWEST);
    if (cells === undefined) return this.#extendObject(value, side, timeMs, window, now);
    const at = this.#state.cellsAt;
    const before = cells[at + END] as number;
    const end = Math.max(window.end, before);
    const isOne = window.start >= (cells[at + START] as number) && window.start <= before;
    if (!isOne || end - 1 <= now || cells[at + FIRE_MS] === NEVER) return false;
    const contents = this.#contents.add(cells[at + CONTENTS], value, timeMs, side);
    cells[at + END] = end;
    if (typeof contents === 'number') cells[at + CONTENTS] = contents;
    else this.#state.put(NEWEST, { ...sessionIn(cells, at), contents });
    return true;
  }

  #extendObject(value: unknown, side: Side, timeMs: number, window: Window, now: number): boolean {
    const session = this.#state.get(NEWEST);
    if (session === undefined || Array.isArray(session)) return false;
    this.#areNumbers = typeof session.contents === 'number';
    const end = Math.max(window.end, session.end);
    const isOne = window.start >= session.start && window.start <= session.end;
    if (!isOne || end - 1 <= now || session.fireMs === NEVER) return false;
    session.contents = this.#contents.add(session.contents, value, timeMs, side);
    session.end = end;
    this.#state.put(NEWEST, session);
    return true;
  }

  /** The last moment of the newest session, if the timer was its; NaN. */
  lastOfNewest(timerMs: number): number {
    const cells = this.#areNumbers ? this.#state.cells(NEWEST) : undefined;
    if (cells === undefined) return Number.NaN;
    const at = this.#state.cellsAt;
    return cells[at + FIRE_MS] === timerMs ? (cells[at + END] as number) - 1 : Number.NaN;
  }

  /** Straight after `lastOfNewest`, which was a number. */
  postponeNewest(fireMs: number): void {
    const cells = this.#state.cells(NEWEST);
    if (cells !== undefined) cells[this.#state.cellsAt + FIRE_MS] = fireMs;
  }
}

const sessionIn = (cells: Float64Array, at: number): Session => ({
  start: cells[at + START] as number,
  end: cells[at + END] as number,
  contents: cells[at + CONTENTS],
  fireMs: cells[at + FIRE_MS] as number,
  cleanUpMs: cells[at + CLEAN_UP_MS] as number,
});
