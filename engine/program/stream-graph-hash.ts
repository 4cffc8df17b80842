// Whether two evaluations built the same job. The hash covers what the program said: operators, uids, names,
// parameters, edges, what collections hold, the text of its functions; not what is decided for it later or
// elsewhere (parallelism, chaining, configuration), nor where in the notebook a thing stands. When two differ,
// stream-graph-difference.ts says how.

import { createHash } from 'node:crypto';
import type { Json } from '../core/json.ts';
import type { Program } from './program.ts';

/** 64 hex digits; the same in every process for the same bundle and surroundings. */
export function streamGraphHash({
  graph,
  functions,
}: Pick<Program, 'graph' | 'functions'>): string {
  const texts = [...functions]
    .map(([key, one]) => [key, shortHash(sourceText(one))])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  const canonical = [
    graph.name,
    graph.nodes.map(({ id, kind, name, uid, params, functions: slots }) => [
      ...[id, kind, name, uid],
      canonicalJson(params),
      slots,
    ]),
    graph.edges.map(({ id, source, target, input, partitioner, sideOutput }) => [
      ...[id, source, target, input],
      partitioner?.kind ?? null,
      sideOutput ?? null,
    ]),
    canonicalJson(graph.parameters),
    texts,
  ];
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex');
}

/** The same text whatever the order of the fields. */
export function canonicalJson(value: Json | undefined): string | undefined {
  return JSON.stringify(value, (_key, field: unknown) =>
    typeof field === 'object' && field !== null && !Array.isArray(field)
      ? Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)))
      : field,
  );
}

const shortHash = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 16);

/** A function's text; of an object with methods (a process function) its class's, and those of its own. */
function sourceText(one: object): string {
  if (typeof one === 'function') return Function.prototype.toString.call(one);
  const own = Object.entries(one).filter(([, value]) => typeof value === 'function');
  const texts = own.map(([name, method]) => `${name}: ${sourceText(method as object)}`);
  const made: unknown = one.constructor;
  return [typeof made === 'function' ? sourceText(made) : '', ...texts].join('\n');
}
