// Parts of Flink's messages that several handlers share.

import { isHexId, type TriggerId } from '../core/ids.ts';
import { badRequest } from './rest-error.ts';
import type { RestRequest } from './router.ts';

/** The body, a JSON object; an empty body is an empty one. @throws RestError 400. */
export function objectIn({ body }: RestRequest): Readonly<Record<string, unknown>> {
  if (body.length === 0) return {};
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(body));
  } catch (error) {
    throw badRequest(`The body is no JSON: ${(error as Error).message}`);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw badRequest('The body is no JSON object.');
  return json as Readonly<Record<string, unknown>>;
}

/** The trigger id that a client has chosen. @throws RestError 400 for anything else than 32 hex digits. */
export function triggerIdIn(body: Readonly<Record<string, unknown>>): TriggerId | undefined {
  const { triggerId } = body;
  if (triggerId === undefined || triggerId === null) return undefined;
  const text = String(triggerId).toLowerCase();
  if (!isHexId(text)) throw badRequest(`triggerId ${JSON.stringify(triggerId)} is no id.`);
  return text as TriggerId;
}

/** As Flink writes an exception into an answer; clients that deserialise it are given nothing to. */
export function failureCause(error: unknown): unknown {
  const text = error instanceof Error ? String(error.message) : String(error);
  return {
    class: 'java.util.concurrent.CompletionException',
    'stack-trace': text,
    'serialized-throwable': '',
  };
}
