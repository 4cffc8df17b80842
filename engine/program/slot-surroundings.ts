// Time and chance as a slot's evaluation sees them: every evaluation of a program gets the same, so that it
// builds the same job. The globals are replaced while one runs, and the replacements look at whose turn it is:
// the engine, chains at work in the same thread, and the program's own functions once they process records
// get the real ones. What reads the outside world is refused until the evaluation has ended.

import { AsyncLocalStorage } from 'node:async_hooks';
import { SluiceError } from '../core/errors.ts';
import { SeededRandom, unit } from '../core/random.ts';
import type { Surroundings } from '../core/surroundings.ts';
import type { UserFunction } from '../core/user-function.ts';

/** An evaluation in a slot. */
export class SlotEvaluation {
  readonly nowMs: number;
  readonly #random: SeededRandom;
  #hasEnded = false;

  constructor({ nowMs, seed }: Pick<Surroundings, 'nowMs' | 'seed'>) {
    this.nowMs = nowMs;
    this.#random = new SeededRandom(seed);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** In [0, 1). */
  random(): number {
    return unit(this.#random);
  }

  fillRandom<T extends ArrayBufferView>(array: T): T {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.#random.u32();
    return array;
  }

  randomUuid(): string {
    const bytes = this.fillRandom(Buffer.alloc(16));
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }

  /** Runs the program, which has that text; when it settles, or throws, everything is as it was. */
  async run<T>(program: () => Promise<T>, text: string): Promise<T> {
    replaceGlobals(text);
    try {
      return await turn.run(this, program);
    } finally {
      this.#hasEnded = true;
      restoreGlobals();
    }
  }
}

/** What a program must not do in a slot, ever or while it is evaluated. */
class RefusedInSlot extends SluiceError<'refused-in-slot'> {
  constructor(message: string) {
    super('refused-in-slot', message);
  }
}

export const INSTEAD = 'read it in the program: use from(), whose iterable only the program drains';

/** The same function or class, but that it refuses to be called while a slot evaluates the caller. */
export function refusedMeanwhile(what: string, real: unknown): unknown {
  return refused(real, () =>
    currentEvaluation() === undefined
      ? undefined
      : `${what} is refused while a slot evaluates the cell; ${INSTEAD}`,
  );
}

/** @param why The message; undefined while calls may pass. */
export function refused(real: unknown, why: () => string | undefined): unknown {
  if (typeof real !== 'function') return real;
  const check = (): void => {
    const message = why();
    if (message !== undefined) throw new RefusedInSlot(message);
  };
  return new Proxy(real as UserFunction, {
    apply(target, self, args) {
      check();
      return Reflect.apply(target, self, args);
    },
    construct(target, args, newTarget) {
      check();
      return Reflect.construct(target, args, newTarget) as object;
    },
  });
}

const turn = new AsyncLocalStorage<SlotEvaluation>();

/** The evaluation whose code is running; undefined once that has ended, and for everybody else's code. */
export function currentEvaluation(): SlotEvaluation | undefined {
  const evaluation = turn.getStore();
  return evaluation?.hasEnded === false ? evaluation : undefined;
}

/** How many evaluations are running in this thread: the globals are replaced for all of them at once. */
let running = 0;
let restores: (() => void)[] = [];

function replaceGlobals(text: string): void {
  if (running++ === 0)
    restores = [
      replace(globalThis, 'Date', frozenDate(Date)),
      replaceMethod(Date, 'now', (evaluation) => evaluation.nowMs),
      replaceMethod(performance, 'now', (evaluation) => evaluation.nowMs),
      replaceMethod(Math, 'random', (evaluation) => evaluation.random()),
      replaceMethod(crypto, 'getRandomValues', (evaluation, array) => evaluation.fillRandom(array)),
      replaceMethod(crypto, 'randomUUID', (evaluation) => evaluation.randomUuid()),
    ];
  // To look at one is to load what is behind it, which takes longer than most programs.
  const named = ['fetch', 'WebSocket', 'EventSource'].filter((name) => text.includes(name));
  for (const name of named)
    if (name in globalThis)
      restores.push(
        replace(globalThis, name, refusedMeanwhile(name, Reflect.get(globalThis, name))),
      );
}

function restoreGlobals(): void {
  if (--running > 0) return;
  // The other way round: a method of something replaced goes before what replaced it.
  for (const restore of restores.toReversed()) restore();
  restores = [];
}

function replace(owner: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, { value, writable: true, configurable: true });
  return () => {
    if (before === undefined) Reflect.deleteProperty(owner, name);
    else Object.defineProperty(owner, name, before);
  };
}

function replaceMethod<K extends string>(
  owner: Readonly<Record<K, UserFunction>>,
  name: K,
  frozen: (evaluation: SlotEvaluation, argument: never) => unknown,
): () => void {
  const real = owner[name];
  return replace(owner, name, (...args: unknown[]) => {
    const evaluation = currentEvaluation();
    return evaluation === undefined
      ? Reflect.apply(real, owner, args)
      : frozen(evaluation, args[0] as never);
  });
}

/** Without arguments it is the frozen time; dates are real ones. */
function frozenDate(real: DateConstructor): DateConstructor {
  return new Proxy(real, {
    construct(target, args, newTarget) {
      const evaluation = currentEvaluation();
      const given = args.length === 0 && evaluation !== undefined ? [evaluation.nowMs] : args;
      return Reflect.construct(target, given, newTarget) as object;
    },
    apply(target, self, args) {
      const evaluation = currentEvaluation();
      return evaluation === undefined
        ? Reflect.apply(target, self, args)
        : new target(evaluation.nowMs).toString();
    },
  });
}
