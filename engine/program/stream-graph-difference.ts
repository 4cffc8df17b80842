// In what a job is another one than it was, as one sentence for people: for a cell that builds a different
// job each time it is evaluated, and for whoever wonders what an edit has changed.

import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../core/json.ts';
import type { StreamEdge, StreamGraph, StreamNode } from '../graph/stream-graph.ts';
import { canonicalJson } from './stream-graph-hash.ts';

/** The first difference that the hash covers; undefined when there is none but in the text of functions. */
export function firstDifference(was: StreamGraph, now: StreamGraph): string | undefined {
  if (was.name !== now.name) return `the job is named "${now.name}" now and was "${was.name}"`;
  return (
    firstOf(was.nodes, now.nodes, (i) => differentNode(was, now, i)) ??
    firstOf(was.edges, now.edges, (i) => differentEdge(was, now, i)) ??
    differentValue('parameter', was.parameters, now.parameters)
  );
}

function firstOf(
  was: readonly unknown[],
  now: readonly unknown[],
  differenceAt: (index: number) => string | undefined,
): string | undefined {
  for (let i = 0; i < Math.max(was.length, now.length); i++) {
    const difference = differenceAt(i);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function differentNode(was: StreamGraph, now: StreamGraph, index: number): string | undefined {
  const before = was.nodes[index];
  const after = now.nodes[index];
  if (after === undefined) return `${placeOf(was, index)} was ${called(before)} and is gone now`;
  const place = placeOf(now, index);
  if (before === undefined) return `${place} is ${called(after)} now and was not there`;
  if (before.kind !== after.kind)
    return `${place} is ${called(after)} now and was ${called(before)}`;
  const operator = `${place}, ${called(after)},`;
  for (const field of ['name', 'uid', 'id', 'functions'] as const) {
    if (isDeepStrictEqual(before[field], after[field])) continue;
    return `${operator} has the ${field} ${shown(after[field])} now and had ${shown(before[field])}`;
  }
  return differentValue(`${operator} parameter`, before.params, after.params);
}

/** `operator 3 of cell "late"`: operators count from 1 within their cell. */
function placeOf({ nodes }: StreamGraph, index: number): string {
  const cell = nodes[index]?.origin?.cell;
  if (cell === undefined) return `operator ${index + 1}`;
  const before = nodes.slice(0, index + 1).filter(({ origin }) => origin?.cell === cell);
  return `operator ${before.length} of cell "${cell}"`;
}

const called = (node: StreamNode | undefined): string => `${node?.kind ?? 'none'}(...)`;

function differentEdge(was: StreamGraph, now: StreamGraph, index: number): string | undefined {
  const before = was.edges[index];
  const after = now.edges[index];
  const target = after?.target ?? before?.target;
  const graph = after === undefined ? was : now;
  const at = graph.nodes.findIndex(({ id }) => id === target);
  const reader = `${placeOf(graph, at)}, ${called(graph.nodes[at])},`;
  if (after === undefined) return `${reader} read ${fed(was, before)} and does not now`;
  if (before === undefined) return `${reader} reads ${fed(now, after)} now and did not`;
  if (isDeepStrictEqual(before, after)) return undefined;
  return `${reader} reads ${fed(now, after)} now; edge ${index + 1} was ${fed(was, before)}`;
}

/** Where an edge comes from, and how. */
function fed(graph: StreamGraph, edge: StreamEdge | undefined): string {
  const at = graph.nodes.findIndex(({ id }) => id === edge?.source);
  const how = [edge?.partitioner?.kind, edge?.sideOutput, edge?.input === 1 ? 'second input' : '']
    .filter((part) => part !== undefined && part !== '')
    .join(', ');
  return `${called(graph.nodes[at])} of ${placeOf(graph, at)}${how === '' ? '' : ` (${how})`}`;
}

/** The innermost field that differs: `parameter connector.options.count is 5 now and was 7`. */
function differentValue(
  path: string,
  was: Json | undefined,
  now: Json | undefined,
): string | undefined {
  if (canonicalJson(was) === canonicalJson(now)) return undefined;
  if (isContainer(was) && isContainer(now)) {
    const [before, after] = [new Map(Object.entries(was)), new Map(Object.entries(now))];
    const glue = path.endsWith('parameter') ? ' ' : '.';
    for (const key of new Set([...before.keys(), ...after.keys()])) {
      const found = differentValue(`${path}${glue}${key}`, before.get(key), after.get(key));
      if (found !== undefined) return found;
    }
  }
  return `${path} is ${shown(now)} now and was ${shown(was)}`;
}

const isContainer = (value: Json | undefined): value is Json & object =>
  typeof value === 'object' && value !== null;

const TEXT_MAX = 60;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX)}…`;
}
