// Sessions: windows that grow. An element opens `[time, time + gap)`; whatever it overlaps or touches becomes
// one window with it. Most elements extend the newest session of their key, in place (sessions-of-key.ts). With
// the plain trigger a session that grows keeps the timer it has: when that one comes too early, it is set anew. So
// it need not be exact from the beginning, and times that many sessions share cost less: the first timers are early.
// Other triggers have timers and state by the session's bounds, so that they belong to exactly the window they
// were asked about.

import type { AssignerSpec, TimeDomain } from '../../graph/operator-params.ts';
import type { TriggerResult, Window } from '../functions.ts';
import type { OperatorContext } from '../stream-operator.ts';
import { NEVER, type Session, SessionsOfKey, sessionsDescriptor } from './sessions-of-key.ts';
import type { Side } from './window-contents.ts';
import { type WindowDefinition, WindowingOperator } from './windowing-operator.ts';

type SessionSpec = Extract<AssignerSpec, { readonly kind: 'session' | 'dynamic-session' }>;

/** Namespaces of timers with the plain trigger. */
const FIRE = 0;
const CLEAN_UP = 1;

/** By how much of the gap a timer may be early: an exact one then stands for that long only. */
const EARLY_PART = 1 / 8;
/** What early timers are worth is there long before: 2 h. */
const EARLY_GAP_MAX_MS = 7_200_000;

export class SessionWindowOperator extends WindowingOperator {
  readonly #sessions: SessionsOfKey;
  readonly #gap: (value: unknown) => number;
  /** Early timers are at multiples of it; 0: there are none. */
  readonly #earlyMs: number;

  constructor(definition: WindowDefinition, spec: SessionSpec, context: OperatorContext) {
    super(definition, spec.time, context);
    this.#sessions = new SessionsOfKey(
      this.state.namespaced(sessionsDescriptor(this.contents.example)),
      this.contents,
    );
    this.#gap = gapOf(spec, context);
    this.#earlyMs = earlyMsOf(spec);
    if (!this.isPlain && this.trigger.onMerge === undefined) {
      throw new TypeError(
        `the trigger of operator ${JSON.stringify(context.name)} cannot merge: it has no onMerge, and session windows grow together`,
      );
    }
  }

  protected override addElement(value: unknown, side: Side): void {
    const timeMs = this.time[0] as number;
    const start = this.windowTime();
    const end = start + this.#gap(value);
    if (
      this.isPlain &&
      this.#sessions.extendNewest(value, side, timeMs, { start, end }, this.now())
    )
      return;
    this.#add(value, side, timeMs, { start, end });
  }

  #add(value: unknown, side: Side, timeMs: number, { start, end }: Window): void {
    const sessions = this.#sessions.load();
    const count = sessions.length;
    const from = firstTouching(sessions, start);
    let to = from;
    while (to < sessions.length && (sessions[to] as Session).start <= end) to++;
    const last = sessions[to - 1];
    const endsMs = to > from && last !== undefined ? Math.max(end, last.end) : end;
    if (this.isOver(endsMs, this.now())) {
      this.skip(value, timeMs);
      return;
    }
    const merged = this.isPlain ? [] : sessions.slice(from, to).map(windowOf);
    const session = this.#grow(sessions, from, to, { start, end });
    session.contents = this.contents.add(session.contents, value, timeMs, side);
    if (this.isPlain) this.#afterPlain(session);
    else this.#afterTriggered(session, merged, value, timeMs);
    this.#sessions.store(sessions, count);
  }

  /** The sessions `from` to `to` (exclusive) and the window become one, which it returns. */
  #grow(sessions: Session[], from: number, to: number, { start, end }: Window): Session {
    const session = sessions[from];
    if (from === to || session === undefined) {
      const opened = { start, end, contents: undefined, fireMs: NEVER, cleanUpMs: NEVER };
      sessions.splice(from, 0, opened);
      return opened;
    }
    session.start = Math.min(session.start, start);
    session.end = Math.max(session.end, end);
    if (to - from > 1) {
      for (const other of sessions.splice(from + 1, to - from - 1)) this.#absorb(session, other);
    }
    return session;
  }

  #absorb(session: Session, other: Session): void {
    session.end = Math.max(session.end, other.end);
    session.fireMs = Math.min(session.fireMs, other.fireMs);
    session.cleanUpMs = Math.min(session.cleanUpMs, other.cleanUpMs);
    if (session.contents === undefined) session.contents = other.contents;
    else if (other.contents !== undefined) {
      session.contents = this.contents.merge(session.contents, other.contents);
    }
  }

  #afterPlain(session: Session): void {
    const isPast = this.domain === 'event' && session.end - 1 <= this.now();
    if (session.fireMs === NEVER && !isPast) {
      session.fireMs = this.#timerBefore(session.end - 1);
      this.#awaitEnd(session.fireMs);
    }
    if (session.cleanUpMs === NEVER && this.latenessMs > 0) {
      session.cleanUpMs = this.cleanupTime(session);
      this.registerTimer(session.cleanUpMs, CLEAN_UP);
    }
    // A late element that is allowed updates what the session has emitted.
    if (isPast) this.#fireSession(session, true);
  }

  #afterTriggered(
    session: Session,
    merged: readonly Window[],
    value: unknown,
    timeMs: number,
  ): void {
    const window = windowOf(session);
    const isGrown = merged.length > 1 || merged.some((one) => idOf(one) !== idOf(window));
    if (isGrown) this.#mergeTriggers(window, merged);
    this.scope.namespace = idOf(window);
    this.#apply(this.trigger.onElement(value, timeMs, window, this.scope), session, false);
    this.registerTimer(this.cleanupTime(window), idOf(window));
  }

  #mergeTriggers(window: Window, merged: readonly Window[]): void {
    const { scope } = this;
    scope.namespace = idOf(window);
    scope.merging = merged.map(idOf);
    this.trigger.onMerge?.(window, scope);
    scope.merging = [];
    for (const one of merged) {
      if (idOf(one) === idOf(window)) continue;
      scope.namespace = idOf(one);
      this.trigger.clear(one, scope);
      this.removeTimer(this.cleanupTime(one), idOf(one));
    }
  }

  protected override onTimer(domain: TimeDomain, timeMs: number, namespace: string | number): void {
    if (namespace === FIRE && this.isPlain) {
      const lastMs = this.#sessions.lastOfNewest(timeMs);
      if (lastMs > timeMs) {
        const fireMs = this.#timerBefore(lastMs);
        this.#sessions.postponeNewest(fireMs);
        return this.#awaitEnd(fireMs);
      }
    }
    const sessions = this.#sessions.load();
    const count = sessions.length;
    const at = sessions.findIndex((session) => this.#isTimerOf(session, timeMs, namespace));
    const session = sessions[at];
    // A timer of a session that has become part of another.
    if (session === undefined) return;
    const isOver = this.isPlain
      ? this.#onPlainTimer(session, timeMs, namespace)
      : this.#onTriggerTimer(domain, timeMs, session);
    if (isOver) sessions.splice(at, 1);
    this.#sessions.store(sessions, count);
    if (isOver) this.#clear(session);
  }

  /** To fire with this as its last moment, or to look again before. */
  #timerBefore(lastMs: number): number {
    const earlyMs = Math.floor(lastMs / this.#earlyMs) * this.#earlyMs;
    return earlyMs > this.now() ? earlyMs : lastMs;
  }

  /** A session that has been merged away may have left such a timer: one more does nothing. */
  #awaitEnd(fireMs: number): void {
    if (this.domain === 'event') this.timers.registerNewEvent(fireMs, FIRE);
    else this.registerTimer(fireMs, FIRE);
  }

  #isTimerOf(session: Session, timeMs: number, namespace: string | number): boolean {
    if (!this.isPlain) return namespace === idOf(session);
    return timeMs === (namespace === FIRE ? session.fireMs : session.cleanUpMs);
  }

  /** True: the session is over. */
  #onPlainTimer(session: Session, timeMs: number, namespace: string | number): boolean {
    if (namespace === FIRE) {
      session.fireMs = timeMs < session.end - 1 ? this.#timerBefore(session.end - 1) : NEVER;
      if (session.fireMs === NEVER) this.#fireSession(session, this.latenessMs > 0);
      else this.#awaitEnd(session.fireMs);
      return session.fireMs === NEVER && this.latenessMs === 0;
    }
    session.cleanUpMs = this.cleanupTime(session);
    if (timeMs === session.cleanUpMs) return true;
    this.registerTimer(session.cleanUpMs, CLEAN_UP);
    return false;
  }

  /** True: the session is over. */
  #onTriggerTimer(domain: TimeDomain, timeMs: number, session: Session): boolean {
    const window = windowOf(session);
    const isOver = domain === this.domain && timeMs === this.cleanupTime(window);
    this.scope.namespace = idOf(session);
    const result =
      domain === 'event'
        ? this.trigger.onEventTime(timeMs, window, this.scope)
        : this.trigger.onProcessingTime(timeMs, window, this.scope);
    this.#apply(result, session, isOver);
    return isOver;
  }

  #apply(result: TriggerResult, session: Session, isOver: boolean): void {
    const isPurged = result === 'purge' || result === 'fire-and-purge';
    if (result === 'fire' || result === 'fire-and-purge') {
      this.#fireSession(session, !(isPurged || isOver));
    }
    if (isPurged) session.contents = undefined;
  }

  #fireSession(session: Session, isKept: boolean): void {
    if (session.contents === undefined) return;
    session.contents = this.fire(session.contents, windowOf(session), isKept);
  }

  #clear(session: Session): void {
    if (!this.isPlain) {
      this.scope.namespace = idOf(session);
      this.trigger.clear(windowOf(session), this.scope);
    }
    this.contents.clear(windowOf(session));
  }
}

function gapOf(spec: SessionSpec, context: OperatorContext): (value: unknown) => number {
  if (spec.kind === 'session') return () => spec.gapMs;
  const gap = context.function('gap') as (value: unknown) => unknown;
  return (value) => {
    const gapMs = gap(value);
    if (typeof gapMs === 'number' && gapMs > 0) return gapMs;
    throw new RangeError(`the gap of a session is ${String(gapMs)}: it must be above 0 ms`);
  };
}

/** A power of two: what is divided and multiplied by it again is never greater than it was. */
function earlyMsOf(spec: SessionSpec): number {
  if (spec.time !== 'event' || spec.kind !== 'session' || !(spec.gapMs * EARLY_PART >= 1)) return 0;
  return 2 ** Math.floor(Math.log2(Math.min(spec.gapMs, EARLY_GAP_MAX_MS) * EARLY_PART));
}

/** Touching is enough: an element exactly one gap after the last belongs to the session, as in Flink. */
function firstTouching(sessions: readonly Session[], start: number): number {
  let i = 0;
  while (i < sessions.length && (sessions[i] as Session).end < start) i++;
  return i;
}

const windowOf = ({ start, end }: Window): Window => ({ start, end });
const idOf = ({ start, end }: Window): string => `${start}:${end}`;
