// The fields of a request's JSON body, each of the type that it must have; refused in Flink's words.

import { isHexId, type TriggerId } from '../core/ids.ts';
import { badRequest } from './rest-error.ts';
import type { RestRequest } from './router.ts';

/**
 * The body, a JSON object; an empty body is an empty one.
 * @param type What Flink calls it, for its words when it is none.
 * @throws RestError 400.
 */
export function objectIn({ body }: RestRequest, type: string): Readonly<Record<string, unknown>> {
  if (body.length === 0) return {};
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(body));
  } catch (error) {
    throw unexpected(type, (error as Error).message);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw unexpected(type, 'it is no JSON object');
  return json as Readonly<Record<string, unknown>>;
}

/** A field that may be left out, or be null. @throws RestError 400 when it is of another type. */
export function fieldIn<T>(
  body: Readonly<Record<string, unknown>>,
  name: string,
  type: string,
  isType: (value: unknown) => value is T,
): T | undefined {
  const value = Object.hasOwn(body, name) ? body[name] : undefined;
  if (value === undefined || value === null) return undefined;
  if (!isType(value)) throw unexpected(type, `${name} is ${JSON.stringify(value)}`);
  return value;
}

export const isText = (value: unknown): value is string => typeof value === 'string';

export const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
export const isInteger = (value: unknown): value is number => Number.isInteger(value);
export const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(isText);
export const isRecordOfText = (value: unknown): value is Readonly<Record<string, string>> =>
  typeof value === 'object' && value !== null && Object.values(value).every(isText);

/** The trigger id that a client has chosen. @throws RestError 400 for anything else than 32 hex digits. */
export function triggerIdIn(
  body: Readonly<Record<string, unknown>>,
  type: string,
): TriggerId | undefined {
  const id = fieldIn(body, 'triggerId', type, isText)?.toLowerCase();
  if (id !== undefined && !isHexId(id))
    throw unexpected(type, `triggerId is ${JSON.stringify(id)}`);
  return id as TriggerId | undefined;
}

export const unexpected = (type: string, why: string): Error =>
  badRequest(`Request did not match expected format ${type}. ${why}`);
