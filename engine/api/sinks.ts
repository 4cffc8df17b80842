// Where records go. What a crash can do to the output: `files` writes each record exactly once, `socketSink`
// and functions at least once; an own sink keeps what it promises.

import type { Sink } from '../connectors/user-sink.ts';
import type { UserFunction } from '../core/user-function.ts';
import type { ConnectorSpec } from '../graph/operator-params.ts';
import { Check } from './program-error.ts';
import { checkSocket } from './sources.ts';

declare const takes: unique symbol;

/** A sink that sluice ships: made by `files`, `socketSink`, `discard`. */
export interface ConnectorSink<in T> {
  /** What the plan shows. */
  readonly name: string;
  /** As it stands in the plan. */
  readonly connector: ConnectorSpec;
  readonly functions: Readonly<Record<string, UserFunction | object>>;
  /** Exists for the type checker only. */
  readonly [takes]?: ((value: T) => void) | undefined;
}

/**
 * What `sinkTo` takes: a sink of ours, a function called with each record (which waits for the next until a
 * promise that it returns is settled), or an object of yours.
 */
export type AnySink<T, Committable> =
  | ConnectorSink<T>
  | ((value: T, time: number) => unknown)
  | Sink<T, Committable>;

/** @throws ProgramError when it is none. */
export function asSink<T, Committable>(
  check: Check,
  sink: AnySink<T, Committable>,
): ConnectorSink<T> {
  if (typeof sink === 'object' && sink !== null && 'connector' in sink) {
    return sink;
  }
  if (typeof sink !== 'function') check.methods('the sink', sink, ['createWriter']);
  const commits = typeof sink === 'object' && sink.createCommitter !== undefined;
  return {
    name: 'own',
    connector: { name: 'custom', options: commits ? { commits } : {} },
    functions: { writer: sink },
  };
}

export function printSink(check: Check, label: string | undefined): ConnectorSink<unknown> {
  if (label !== undefined) check.text('the label', label);
  return {
    name: label === undefined ? 'print' : `print ${label}`,
    connector: { name: 'print', options: label === undefined ? {} : { label } },
    functions: {},
  };
}

export function collectSink(check: Check, name: string | undefined): ConnectorSink<unknown> {
  if (name !== undefined) check.text('the name', name);
  return {
    name: name === undefined ? 'collect' : `collect ${name}`,
    connector: { name: 'collect', options: name === undefined ? {} : { name } },
    functions: {},
  };
}

/** Takes records and drops them: for measuring what comes before. */
export const discard = (): ConnectorSink<unknown> => ({
  name: 'discard',
  connector: { name: 'discard', options: {} },
  functions: {},
});

export interface SocketSinkOptions {
  /** Stands behind each record; default `\n`. */
  readonly delimiter?: string;
  /** Attempts in a row after one that failed, a second apart; default 10. */
  readonly retries?: number;
}

/**
 * Sends records to a server, strings as they are and all else as JSON. At least once: after a connection was
 * lost, everything since the last checkpoint is sent again.
 */
export function socketSink(
  host: string,
  port: number,
  options: SocketSinkOptions = {},
): ConnectorSink<unknown> {
  checkSocket(new Check('socketSink'), host, port, options);
  return {
    name: `socket ${host}:${port}`,
    connector: { name: 'socket', options: { host, port, ...options } },
    functions: {},
  };
}
