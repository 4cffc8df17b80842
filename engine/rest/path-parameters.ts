// Ids in paths: exactly 32 hex digits, either case, as Flink has them.

import { isHexId, type JobId, type OperatorId, type TriggerId } from '../core/ids.ts';
import { badRequest } from './rest-error.ts';
import type { RestRequest } from './router.ts';

export const jobIdOf = (request: RestRequest): JobId => hexId(request, 'jobid') as JobId;
export const operatorIdOf = (request: RestRequest): OperatorId =>
  hexId(request, 'operatorid') as OperatorId;

export const triggerIdOf = (request: RestRequest): TriggerId =>
  hexId(request, 'triggerid') as TriggerId;

/** @throws RestError 400 when it is not a whole number of at least 0. */
export function indexOf(request: RestRequest, name: string): number {
  const text = request.parameters[name] ?? '';
  if (!/^\d{1,9}$/.test(text)) throw cannotResolve(name, text);
  return Number(text);
}

function hexId(request: RestRequest, name: string): string {
  const text = (request.parameters[name] ?? '').toLowerCase();
  if (!isHexId(text)) throw cannotResolve(name, request.parameters[name] ?? '');
  return text;
}

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
