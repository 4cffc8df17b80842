// The types of a notebook, asked of a worker. A check takes longer than a keystroke, so there is no queue: of
// each kind of question about a notebook only the newest is worth an answer, and an older one that waits, or
// is being answered, is told at once that it was overtaken. The worker may die (a type can make TypeScript run
// out of memory): the next question starts another.
//
//   ask ──▶ waiting, one per kind and notebook ──▶ asked, one ──▶ answered
//              └── a newer one: overtaken ──────────┘ └── the worker dies: told once

import { Worker } from 'node:worker_threads';
import { entryPath } from '../../engine/entrypoint/entries.ts';
import type { Diagnostic } from '../compiler/diagnostics.ts';
import type { Notebook } from '../compiler/notebook.ts';
import { diagnosticsOf } from './notebook-types.ts';
import type { FromTypes, ToTypes } from './type-messages.ts';
import { wholeFile } from './whole-file.ts';

export interface TypeServiceSettings {
  /** Default: a thread that runs the built entry `types`. */
  readonly spawnWorker?: () => Worker;
}

/** Idle, it does not keep the process alive; while it is asked, it does. */
export class TypeService {
  readonly #spawn: () => Worker;
  readonly #waiting = new Map<string, Question>();
  #worker: Worker | undefined;
  #asked: Question | undefined;
  /** What the last worker died of, once that was told and until another answers. */
  #complaint: string | undefined;
  #isClosed = false;

  constructor({ spawnWorker = spawnTypes }: TypeServiceSettings = {}) {
    this.#spawn = spawnWorker;
  }

  /** Starts the worker, which then has TypeScript loaded when the first question comes. */
  warm(): void {
    if (!this.#isClosed) this.#worker ??= this.#start();
  }

  /**
   * What is wrong with the types of this version of the notebook, and of the files beside it that it imports.
   * Undefined when there is no verdict: a newer version was asked about, the service was closed, or the worker
   * died again of what it died of before. Rejects only with the signal's reason.
   */
  async check(
    notebook: Notebook,
    signal?: AbortSignal,
  ): Promise<readonly Diagnostic[] | undefined> {
    const { path } = notebook;
    const answer = await this.#ask({ kind: 'check', path, text: wholeFile(notebook) }, signal);
    if (answer?.kind === 'findings') return diagnosticsOf(notebook, answer.findings);
    if (answer?.kind !== 'died' || answer.why === this.#complaint) return undefined;
    this.#complaint = answer.why;
    return [complaint(answer.why, notebook)];
  }

  /**
   * The type at a place of the notebook (from 1), as editors show it and on several lines where it is long.
   * Undefined where there is none, and when there is no answer (as for `check`).
   */
  async typeAt(
    notebook: Notebook,
    line: number,
    column: number,
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    const { path } = notebook;
    const question = { kind: 'type', path, text: wholeFile(notebook), line, column } as const;
    const answer = await this.#ask(question, signal);
    return answer?.kind === 'type' ? answer.type : undefined;
  }

  /** Everything that was asked is answered with undefined, and the worker has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { settle } of this.#waiting.values()) settle(undefined);
    this.#waiting.clear();
    this.#asked?.settle(undefined);
    this.#asked = undefined;
    await this.#worker?.terminate();
  }

  #ask(message: ToTypes, signal: AbortSignal | undefined): Promise<Answer | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined);
    const lane = `${message.kind} ${message.path}`;
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      const onAbort = (): void => {
        this.#forget(question);
        reject(signal?.reason as Error);
      };
      const question: Question = {
        lane,
        message,
        settle(answer) {
          signal?.removeEventListener('abort', onAbort);
          resolve(answer);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      if (this.#asked?.lane === lane) this.#asked.settle(undefined);
      this.#waiting.get(lane)?.settle(undefined);
      this.#waiting.set(lane, question);
      this.#next();
    });
  }

  /** The worker's answer to it, if it is at it, is nobody's: the process need not wait for that. */
  #forget(question: Question): void {
    if (this.#waiting.get(question.lane) === question) this.#waiting.delete(question.lane);
    if (this.#asked === question && this.#waiting.size === 0) this.#worker?.unref();
  }

  #next(): void {
    if (this.#asked !== undefined) return;
    const [question] = this.#waiting.values();
    if (question === undefined) return this.#worker?.unref();
    this.#waiting.delete(question.lane);
    this.#asked = question;
    this.#worker ??= this.#start();
    this.#worker.ref();
    this.#worker.postMessage(question.message);
  }

  #start(): Worker {
    const worker = this.#spawn();
    let why: string | undefined;
    worker.unref();
    worker.on('message', (answer: FromTypes) => this.#onAnswer(answer));
    worker.on('error', ({ message }) => {
      why = message;
    });
    worker.on('exit', (code) => this.#onExit(why ?? `exit code ${code}`));
    return worker;
  }

  #onAnswer(answer: FromTypes): void {
    this.#complaint = undefined;
    this.#asked?.settle(answer);
    this.#asked = undefined;
    this.#next();
  }

  #onExit(why: string): void {
    this.#worker = undefined;
    this.#asked?.settle({ kind: 'died', why });
    this.#asked = undefined;
    if (!this.#isClosed) this.#next();
  }
}

type Answer = FromTypes | { readonly kind: 'died'; readonly why: string };

interface Question {
  /** What it is about: of two with one lane the newer counts. */
  readonly lane: string;
  readonly message: ToTypes;
  /** May be called again, which does nothing. */
  readonly settle: (answer: Answer | undefined) => void;
}

/**
 * Ten times what notebooks/flights.ts takes: what needs more is a type that never ends. Young objects get less
 * than is usual: the process is 110 MB smaller, and a check 5 % slower.
 */
const HEAP_LIMITS = { maxOldGenerationSizeMb: 1024, maxYoungGenerationSizeMb: 16 };

function spawnTypes(): Worker {
  // Where ts-node takes its own settings from.
  const env = Object.entries(process.env).filter(([name]) => !name.startsWith('TS_NODE_'));
  return new Worker(entryPath('types'), {
    name: 'types',
    env: Object.fromEntries(env),
    execArgv: [],
    resourceLimits: HEAP_LIMITS,
  });
}

/** An error: what could not be checked has not passed. */
function complaint(why: string, { name }: Notebook): Diagnostic {
  const message = `types are not checked, the type checker has failed (${why}); the next check starts it anew`;
  return {
    severity: 'error',
    message,
    file: name,
    line: undefined,
    column: undefined,
    text: undefined,
  };
}
