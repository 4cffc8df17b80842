// Parameters of paths and queries: an id is exactly 32 hex digits, either case, as Flink has them; a number is
// whole. What cannot be read is refused in Flink's words.

import {
  isHexId,
  type JobId,
  type OperatorId,
  type TriggerId,
  type VertexId,
} from '../core/ids.ts';
import { badRequest } from './rest-error.ts';
import type { RestRequest } from './router.ts';

export const jobIdOf = (request: RestRequest): JobId => hexId(request, 'jobid') as JobId;
export const operatorIdOf = (request: RestRequest): OperatorId =>
  hexId(request, 'operatorid') as OperatorId;

export const vertexIdIn = (request: RestRequest): VertexId =>
  hexId(request, 'vertexid') as VertexId;

export const triggerIdOf = (request: RestRequest): TriggerId =>
  hexId(request, 'triggerid') as TriggerId;

export const datasetIdOf = (request: RestRequest): string => hexId(request, 'datasetid');

/** @throws RestError 400 when it is not a whole number of at least 0. */
export function indexOf(request: RestRequest, name: string): number {
  const text = request.parameters[name] ?? '';
  if (!/^\d{1,9}$/.test(text)) throw cannotResolve(name, text);
  return Number(text);
}

/** @throws RestError 400 when it is not a whole number. */
export function integerOf(request: RestRequest, name: string): number {
  const text = request.parameters[name] ?? '';
  if (!/^-?\d{1,15}$/.test(text)) throw cannotResolve(name, text);
  return Number(text);
}

/** Undefined when it is not asked for. @throws RestError 400 when it is not a whole number of at least 0. */
export function queryInteger({ query }: RestRequest, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw badQuery(name, text);
  return Number(text);
}

/** `jobs=a,b`; undefined when it is not asked for. @throws RestError 400 when one is none. */
export function jobIdsIn({ query }: RestRequest): readonly JobId[] | undefined {
  const texts = query.get('jobs')?.toLowerCase().split(',');
  for (const text of texts ?? []) if (!isHexId(text)) throw badQuery('jobs', text);
  return texts as readonly JobId[] | undefined;
}

function hexId(request: RestRequest, name: string): string {
  const text = (request.parameters[name] ?? '').toLowerCase();
  if (!isHexId(text)) throw cannotResolve(name, request.parameters[name] ?? '');
  return text;
}

export const badQuery = (name: string, value: string): Error =>
  badRequest(
    `Bad request, could not parse parameters: Cannot resolve query parameter (${name}) from value "${value}".`,
  );

const cannotResolve = (name: string, value: string): Error =>
  badRequest(
    `Bad request, could not parse parameters: Cannot resolve path parameter (${name}) from value "${value}".`,
  );

/** A whole number of the query; `otherwise` where it is none, `max` where it is more. */
export function numberIn(
  { query }: RestRequest,
  name: string,
  otherwise: number,
  max: number,
): number {
  const value = Number(query.get(name) ?? otherwise);
  return Number.isInteger(value) && value >= 0 ? Math.min(value, max) : otherwise;
}
