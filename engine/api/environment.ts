// `env`: where a program's streams begin, and what it may ask of its surroundings and say about its job.
// It keeps nothing itself: all goes to the recorder of the evaluation that it belongs to.

import type { Source } from '../connectors/user-source.ts';
import type { SourceParams } from '../graph/operator-params.ts';
import type { FileFormat } from './formats.ts';
import { type ParameterValue, readParameter, type Widened } from './parameters.ts';
import { Check, shown } from './program-error.ts';
import type { Recorder } from './recorder.ts';
import {
  filesSource,
  type GenerateOptions,
  generatorSource,
  ownSource,
  type ReadOptions,
  type SocketOptions,
  type SourceDraft,
  sequenceSource,
  socketSource,
} from './sources.ts';
import { recordSource } from './streams/flow.ts';
import { SourceStream } from './streams/source-stream.ts';
import { streams } from './streams/streams.ts';

/** A source that was not given event time yet. */
type NewSource<T> = SourceStream<T, 'no event time'>;

export class Environment {
  readonly #recorder: Recorder;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /**
   * The records of files, from beginning to end or (`follow`) as they come. What is in the files is said by
   * a format: `lines`, `csv`, `ndjson`.
   *
   * ```ts
   * env.read(csv('data/flights.csv.gz', { time: 'local-time', origin: 'string', delay: 'int?' }))
   * ```
   */
  read<T>(format: FileFormat<T>, options: ReadOptions<T> = {}): NewSource<T> {
    return this.#source('read', filesSource(this.#check('read'), format, options));
  }

  /** The values of an array or any other iterable that ends. They travel with the job: at most 64 MiB. */
  from<T>(values: Iterable<T>): NewSource<T> {
    const check = this.#check('from');
    if (typeof (values as Partial<Iterable<T>> | undefined)?.[Symbol.iterator] !== 'function')
      check.fail(`the values are ${shown(values)}; give an array or another iterable`);
    const { key, count } = this.#recorder.blob(values);
    return this.#source('from', {
      name: 'collection',
      connector: { name: 'collection', options: { key, count } },
      single: 'a collection cannot be split',
    });
  }

  /** The whole numbers from `from` to `to`, both included. */
  fromSequence(from: number, to: number): NewSource<number> {
    return this.#source('fromSequence', sequenceSource(this.#check('fromSequence'), from, to));
  }

  /**
   * What `generate(0)`, `generate(1)`, … give. For a number it must always give the same record: after a
   * restart the job asks again.
   *
   * ```ts
   * env.generate((i) => ({ user: `u${i % 10}`, at: i * 1000 }), { count: 1000, ratePerSecond: 100 })
   * ```
   */
  generate<T>(generate: (index: number) => T, options: GenerateOptions = {}): NewSource<T> {
    return this.#source('generate', generatorSource(this.#check('generate'), generate, options));
  }

  /**
   * What a server sends, as lines of text. A socket cannot be asked again: what was on its way when a job
   * fails is lost (at most once). To try it: `nc -lk 9999`, then `env.socket('localhost', 9999)`.
   */
  socket(host: string, port: number, options: SocketOptions = {}): NewSource<string> {
    return this.#source('socket', socketSource(this.#check('socket'), host, port, options));
  }

  /**
   * A source of your own: an object with splits, and a reader for each. A job that goes on after a failure
   * makes readers that begin at the positions of its last checkpoint.
   *
   * ```ts
   * env.fromSource({
   *   splits: [{ until: 1000 }],
   *   createReader({ until }, at: number = 0) {
   *     return { next: () => (at < until ? at++ : undefined), position: () => at };
   *   },
   * })
   * ```
   */
  fromSource<T, Split, Position>(source: Source<T, Split, Position>): NewSource<T> {
    return this.#source('fromSource', ownSource(this.#check('fromSource'), source));
  }

  /**
   * A parameter of the program: what `--set name=…` says, as a value of the default's type, else the
   * default. It travels with the job.
   *
   * ```ts
   * const airport = env.param('airport', 'ATL');
   * ```
   */
  param<V extends ParameterValue>(name: string, defaultValue: V): Widened<V> {
    const check = this.#check('param');
    check.text('the name', name);
    const value = readParameter(
      check,
      name,
      this.#recorder.param(name, defaultValue),
      defaultValue,
    );
    return value as Widened<V>;
  }

  /**
   * Settings of the job, under the keys of Flink's configuration. Durations may be numbers of milliseconds.
   *
   * ```ts
   * env.configure({ 'parallelism.default': 2, 'execution.checkpointing.interval': seconds(10) });
   * ```
   */
  configure(values: Readonly<Record<string, string | number | boolean>>): void {
    const check = this.#check('configure');
    if (typeof values !== 'object' || values === null)
      check.fail(`the settings are ${shown(values)}; give an object of keys and values`);
    for (const [key, value] of Object.entries(values)) {
      const isValue = ['string', 'number', 'boolean'].includes(typeof value);
      check.that(isValue, `${key} is ${shown(value)}; give a text, a number, true or false`);
    }
    this.#recorder.configure(
      Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)])),
    );
  }

  /**
   * Names the job, in programs that are not notebooks; in a notebook a cell with a sink is a job, named by
   * the cell's title. It runs when the program has ended.
   */
  execute(name?: string): Promise<void> {
    if (name !== undefined) {
      this.#check('execute').text('the name', name);
      this.#recorder.nameJob(name);
    }
    return Promise.resolve();
  }

  #source<T>(call: string, draft: SourceDraft): NewSource<T> {
    const { connector, functions = {}, single } = draft;
    const params: SourceParams = {
      connector,
      watermarks: null,
      ...('orderBy' in functions ? { ordered: true } : {}),
    };
    const recorded = recordSource(this.#recorder, streams, {
      call,
      kind: 'source',
      name: `Source: ${draft.name}`,
      params,
      functions,
      ...(single === undefined ? {} : { single }),
    });
    return new SourceStream(recorded, params);
  }

  #check(call: string): Check {
    return new Check(call, this.#recorder);
  }
}
