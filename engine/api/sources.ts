// The sources that env offers: checked when the program builds its job, and in the form in which they stand
// in the plan. What their options mean is the connectors' business (connectors/).

import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { checkFormat } from '../connectors/formats/record-decoder.ts';
import type { Source } from '../connectors/user-source.ts';
import type { UserFunction } from '../core/user-function.ts';
import type { ConnectorSpec } from '../graph/operator-params.ts';
import type { FileFormat } from './formats.ts';
import { type Check, shown } from './program-error.ts';

export interface SourceDraft {
  readonly name: string;
  readonly connector: ConnectorSpec;
  readonly functions?: Readonly<Record<string, UserFunction>>;
  /** Why it has one subtask. */
  readonly single?: string;
}

export interface GenerateOptions {
  /** Absent: without end. */
  readonly count?: number;
  /** Records a second, over all subtasks. Absent: as fast as they are taken. */
  readonly ratePerSecond?: number;
}

export interface SocketOptions {
  /** What ends a record; default `\n`, before which a `\r` is dropped too. */
  readonly delimiter?: string;
  /** Attempts in a row after one that failed, a second apart; default 10. */
  readonly retries?: number;
}

export interface ReadOptions<T> {
  /** Waits for what is added to the files, also over rotation, and for new files. */
  readonly follow?: boolean;
  /** With `follow`; `end`: what is there when the job starts is not read. Default `beginning`. */
  readonly startAt?: 'beginning' | 'end';
  /**
   * Gives the records in the order of this rank, and those of one rank as they were read: flights, say, in
   * the order in which they were reported. All are read first and held in memory, at most a million of
   * them, by a source with one subtask. Watermarks are made of the new order. Not with `follow`.
   */
  readonly orderBy?: (record: T) => number | string;
}

export function filesSource<T>(
  check: Check,
  format: FileFormat<T>,
  { follow, startAt, orderBy }: ReadOptions<T>,
): SourceDraft {
  const paths = pathsOf(check, format);
  if (startAt === 'end' && follow !== true)
    check.fail("startAt: 'end' reads nothing; add follow: true");
  const options = {
    paths: format.paths,
    format: format.format,
    ...(follow === undefined ? {} : { follow }),
    ...(startAt === undefined ? {} : { startAt }),
  };
  const name = paths.map((path) => basename(path)).join(', ');
  const connector = { name: 'files', options };
  if (orderBy === undefined) return { name, connector };
  check.syncFunction('orderBy', orderBy);
  if (follow === true)
    check.fail('orderBy needs all records, and with follow: true there is no end to them');
  return { name, connector, functions: { orderBy }, single: 'it puts all its records in order' };
}

function pathsOf<T>(check: Check, format: FileFormat<T>): readonly string[] {
  const given: Partial<FileFormat<T>> | undefined = format;
  if (given?.paths === undefined || given.format === undefined)
    return check.fail(`what to read is ${shown(given)}; give a format, such as lines('log.txt')`);
  const paths = [given.paths].flat();
  check.that(paths.length > 0, 'there is no path; name a file, a folder or a pattern');
  for (const path of paths) check.text('a path', path);
  try {
    checkFormat(given.format);
  } catch (error) {
    check.fail((error as Error).message);
  }
  return paths;
}

export function sequenceSource(check: Check, from: number, to: number): SourceDraft {
  check.wholeNumber('the first number', from, Number.MIN_SAFE_INTEGER);
  check.wholeNumber('the last number', to, Number.MIN_SAFE_INTEGER);
  return { name: 'sequence', connector: { name: 'sequence', options: { from, to } } };
}

export function generatorSource<T>(
  check: Check,
  generate: (index: number) => T,
  { count, ratePerSecond }: GenerateOptions,
): SourceDraft {
  check.syncFunction('the generator', generate);
  if (count !== undefined) check.wholeNumber('count', count, 0);
  if (ratePerSecond !== undefined && !(Number.isFinite(ratePerSecond) && ratePerSecond > 0))
    check.fail(`ratePerSecond is ${shown(ratePerSecond)}; give a number above 0`);
  const options = {
    ...(count === undefined ? {} : { count }),
    ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
  };
  return {
    name: 'generator',
    connector: { name: 'generator', options },
    functions: { generate },
  };
}

export function socketSource(
  check: Check,
  host: string,
  port: number,
  options: SocketOptions,
): SourceDraft {
  checkSocket(check, host, port, options);
  return {
    name: `socket ${host}:${port}`,
    connector: { name: 'socket', options: { host, port, ...options } },
    single: 'a socket cannot be split',
  };
}

export function ownSource<T, Split, Position>(
  check: Check,
  source: Source<T, Split, Position>,
): SourceDraft {
  if (typeof source !== 'object' || source === null)
    check.fail(`the source is ${shown(source)}; give an object with splits and createReader(…)`);
  check.syncFunction('createReader of the source', source.createReader);
  const { name = 'own', splits } = source;
  check.text('the name', name);
  if (!Array.isArray(splits) || splits.length === 0)
    check.fail(`the splits are ${shown(splits)}; give an array of at least one`);
  for (const [i, split] of splits.entries()) {
    const isJson = isDeepStrictEqual(JSON.parse(JSON.stringify(split) ?? 'null'), split);
    check.that(isJson, `split ${i} is no JSON; give what a reader needs as numbers and texts`);
  }
  return {
    name,
    connector: { name: 'custom', options: { splits } },
    functions: { reader: source.createReader.bind(source) },
  };
}

/** @throws ProgramError when there is no such address. */
export function checkSocket(
  check: Check,
  host: string,
  port: number,
  { delimiter, retries }: SocketOptions,
): void {
  check.text('the host', host);
  check.wholeNumber('the port', port, 1, 65_535);
  if (delimiter !== undefined) check.text('the delimiter', delimiter);
  if (retries !== undefined) check.wholeNumber('retries', retries, 0);
}
