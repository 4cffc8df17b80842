// All connectors by the names that plans call them by.

import { nearestOf } from '../core/option-checks.ts';
import { collectionSource } from './collection-source.ts';
import { customSink } from './custom-sink.ts';
import { customSource } from './custom-source.ts';
import { discardSink } from './discard-sink.ts';
import { filesSink } from './file-sink/files-sink.ts';
import { filesSource } from './file-source/files-source.ts';
import { generatorSource } from './generator-source.ts';
import { printSink } from './print-sink.ts';
import { sequenceSource } from './sequence-source.ts';
import type { SinkConnector } from './sink.ts';
import { socketSink } from './socket/socket-sink.ts';
import { socketSource } from './socket/socket-source.ts';
import type { SourceConnector, SourceSplit } from './source.ts';

const SOURCES = {
  collection: collectionSource,
  sequence: sequenceSource,
  generator: generatorSource,
  files: filesSource,
  socket: socketSource,
  custom: customSource,
} as const;

const SINKS = {
  files: filesSink,
  socket: socketSink,
  print: printSink,
  discard: discardSink,
  custom: customSink,
} as const;

export type SourceName = keyof typeof SOURCES;
export type SinkName = keyof typeof SINKS;

/** Options as they stand in a plan: the API that wrote them has checked their types. */
export type AnySource = SourceConnector<unknown, SourceSplit, unknown>;
export type AnySink = SinkConnector<unknown, unknown, unknown>;

/** @throws Error naming the nearest source that there is. */
export function sourceConnector<Name extends SourceName>(name: Name): (typeof SOURCES)[Name];
export function sourceConnector(name: string): AnySource;
export function sourceConnector(name: string): AnySource {
  return find('source', name, SOURCES);
}

/** @throws Error naming the nearest sink that there is. */
export function sinkConnector<Name extends SinkName>(name: Name): (typeof SINKS)[Name];
export function sinkConnector(name: string): AnySink;
export function sinkConnector(name: string): AnySink {
  return find('sink', name, SINKS);
}

function find<T>(kind: string, name: string, connectors: Readonly<Record<string, T>>): T {
  const found = Object.hasOwn(connectors, name) ? connectors[name] : undefined;
  if (found !== undefined) return found;
  const names = Object.keys(connectors);
  const nearest = nearestOf(name, names);
  throw new Error(
    `no ${kind} connector is called ${JSON.stringify(name)}${nearest === undefined ? '' : `; did you mean ${nearest}?`} There are: ${names.join(', ')}`,
  );
}
