// Wrong use of the API, said where it happens: which call, in which cell and line, what it was given, and
// what to do instead. Checks are made when a program builds its job, long before a record flows.

import { SluiceError } from '../core/errors.ts';
import type { Recorder } from './recorder.ts';

/** `not-a-program`: the API was called by something that sluice has not started. */
export type ProgramProblem = 'wrong-use' | 'foreign-stream' | 'not-a-program';

export class ProgramError extends SluiceError<ProgramProblem> {}

/** The checks of one call of the API. */
export class Check {
  /** As the user writes it: `flatMap`. */
  readonly #call: string;
  /** Undefined for calls that belong to no job: the error's stack says where. */
  readonly #recorder: Recorder | undefined;

  constructor(call: string, recorder?: Recorder) {
    this.#call = call;
    this.#recorder = recorder;
  }

  fail(problem: string, reason: ProgramProblem = 'wrong-use'): never {
    const origin = this.#recorder?.origin();
    const place =
      origin === undefined ? '' : ` (cell ${JSON.stringify(origin.cell)}, line ${origin.line})`;
    throw new ProgramError(reason, `${this.#call}${place}: ${problem}`);
  }

  that(condition: boolean, problem: string): void {
    if (!condition) this.fail(problem);
  }

  /** Whole milliseconds above 0. */
  duration(what: string, ms: number): void {
    if (Number.isInteger(ms) && ms > 0) return;
    this.fail(`${what} is ${shown(ms)}; give whole milliseconds above 0, such as minutes(5)`);
  }

  wholeNumber(what: string, value: number, min: number, max = Number.MAX_SAFE_INTEGER): void {
    if (Number.isInteger(value) && value >= min && value <= max) return;
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    this.fail(`${what} is ${shown(value)}; give a whole number ${range}`);
  }

  text(what: string, value: string): void {
    if (typeof value === 'string' && value !== '') return;
    this.fail(`${what} is ${shown(value)}; give a text that is not empty`);
  }

  /** An object with these methods; or, in place of one that needs only one, a plain function. */
  methods(what: string, given: unknown, methods: readonly string[]): void {
    if (typeof given === 'function' && methods.length === 1) return this.syncFunction(what, given);
    const wanted = `an object with ${methods.map((method) => `${method}(…)`).join(' and ')}`;
    if (typeof given !== 'object' || given === null)
      this.fail(`${what} is ${shown(given)}; give ${wanted}`);
    for (const method of methods) {
      const found = (given as Readonly<Record<string, unknown>>)[method];
      if (found === undefined) this.fail(`${what} has no ${method}; give ${wanted}`);
      this.syncFunction(`${method} of ${what}`, found);
    }
  }

  /** A function that answers at once: records do not wait for a promise. */
  syncFunction(what: string, value: unknown): void {
    if (typeof value !== 'function')
      this.fail(`${what} is ${shown(value)}; give a function, such as (value) => …`);
    if (ASYNC_FUNCTIONS.has(Object.prototype.toString.call(value))) {
      this.fail(
        `${what} is an async function, and records do not wait for promises; ` +
          'await what you need at the top level of a cell, and give a plain function',
      );
    }
  }
}

const ASYNC_FUNCTIONS: ReadonlySet<string> = new Set([
  '[object AsyncFunction]',
  '[object AsyncGeneratorFunction]',
]);

/** A short text for a message, whatever the value is. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  return Array.isArray(value) ? 'an array' : 'an object';
}
