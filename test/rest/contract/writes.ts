// Requests that change something, as they were recorded, and the outcomes that are asked for by a trigger id:
// the operation is triggered first, then polled until it is over.

import { delay } from '../../../engine/core/clock.ts';
import { systemClock } from '../../../engine/core/system-clock.ts';
import type { Answer, Asked } from '../endpoint.ts';
import type { Exchange } from './exchanges.ts';
import type { Lab } from './lab.ts';
import { type LabPlaces, ownNames, ownVertices, pathFor } from './replay.ts';

const BOUNDARY = '----labboundary';
const SAMPLE_LOOK_MS = 100;
/** In a recording, where a long body was left out or cut. */
const OMITTED = /^<\d+ bytes omitted>$|…$/;

export async function replayed(exchange: Exchange, lab: Lab, places: LabPlaces): Promise<Answer> {
  const path = pathFor(exchange, places);
  if (/:triggerid$/.test(exchange.endpoint) && / GET|^GET/.test(exchange.endpoint))
    return polled(exchange, path, lab);
  if (/flamegraph$/.test(exchange.endpoint) && exchange.state.endsWith('-data'))
    return sampled(path, lab);
  return lab.ask(path, requestOf(exchange, places));
}

/** Asked until there is one: the first who asks sets it off. */
async function sampled(path: string, lab: Lab): Promise<Answer> {
  for (;;) {
    const answer = await lab.ask(path);
    if (!answer.text.startsWith('{"endTimestamp":-')) return answer;
    await delay(systemClock, SAMPLE_LOOK_MS);
  }
}

/** In an order in which each finds what it needs: what is done `again` has been done before. */
export const inOrder = (exchanges: readonly Exchange[]): readonly Exchange[] =>
  exchanges.toSorted((a, b) => Number(isAgain(a)) - Number(isAgain(b)));

const isAgain = ({ state }: Exchange): boolean => state.endsWith('again');

function requestOf(exchange: Exchange, places: LabPlaces): Asked {
  const { endpoint, state, request } = exchange;
  const { method, body } = request;
  if (endpoint === 'POST /jars/upload') {
    if (/no-/.test(state)) return { method, ...(body === undefined ? {} : { body: textOf(body) }) };
    const headers = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };
    return { method, headers, body: isOmitted(body) ? formOf(state) : textOf(body) };
  }
  if (isOmitted(body)) return { method, body: JSON.stringify({ long: 'x'.repeat(2 ** 21) }) };
  if (body === undefined) return { method };
  return { method, body: ownVertices(ownNames(textOf(body)), exchange, places) };
}

const isOmitted = (body: unknown): boolean => typeof body === 'string' && OMITTED.test(body);
const textOf = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));

const NAMES: Readonly<Record<string, string>> = {
  'traversal-name': '../../../../tmp/evil.jar',
  'not-jar-suffix': 'notes.txt',
};

/** A form with the files that the state speaks of. */
function formOf(state: string): string {
  const name = NAMES[state] ?? 'lab-jobs.jar';
  const field = state === 'other-field-name' ? 'whatever' : 'jarfile';
  const part = formPart(field, name, 'not checked');
  return `${part}${state === 'two-files' ? part : ''}--${BOUNDARY}--\r\n`;
}

const formPart = (field: string, name: string, content: string): string =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${field}"; filename="${name}"\r\nContent-Type: application/x-java-archive\r\n\r\n${content}\r\n`;

export const formOfOne = (name: string, content: string): Asked => ({
  method: 'POST',
  headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
  body: `${formPart('jarfile', name, content)}--${BOUNDARY}--\r\n`,
});

const BAD_DIRECTORIES: readonly (readonly [RegExp, string])[] = [
  [/bad-dir/, 'file:///proc/nope'],
  [/unknown-scheme/, 'nosuchfs://x'],
];

async function polled(exchange: Exchange, path: string, lab: Lab): Promise<Answer> {
  const isOdd = /unknown-trigger|malformed|other-job|^unknown-job$/.test(exchange.state);
  const base = path.slice(0, path.lastIndexOf('/'));
  if (isOdd || /rescaling/.test(base)) return lab.ask(path);
  const { 'request-id': id } = JSON.parse((await trigger(exchange, base, lab)).text) as Record<
    string,
    string
  >;
  for (;;) {
    const answer = await lab.ask(`${base}/${id}`);
    if (!answer.text.includes('IN_PROGRESS')) return answer;
  }
}

function trigger({ state }: Exchange, base: string, lab: Lab): Promise<Answer> {
  if (base === '/datasets/delete')
    return lab.ask('/datasets/0123456789abcdef0123456789abcdef', { method: 'DELETE' });
  if (base === '/savepoint-disposal')
    return lab.ask(base, { method: 'POST', body: '{"savepoint-path":"/nowhere"}' });
  const start = state.startsWith('stop') ? base.replace(/savepoints$/, 'stop') : base;
  const directory = BAD_DIRECTORIES.find(([pattern]) => pattern.test(state))?.[1];
  const body = { 'target-directory': directory, targetDirectory: directory };
  return lab.ask(start, { method: 'POST', body: JSON.stringify(body) });
}
