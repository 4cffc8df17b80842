// What TypeScript says, in one sentence and for somebody who wrote a stream and not a type. TypeScript puts
// the whole relation of two types first and the reason at the end of a chain; a reader of a notebook wants the
// reason. Only texts are looked at: the types are gone by then.

import type { Diagnostic, DiagnosticMessageChain, DiagnosticRelatedInformation } from 'typescript';

export function messageOf({ messageText, relatedInformation = [] }: Diagnostic): string {
  const links = linksOf(messageText);
  const texts = links.map((link) => link.messageText);
  const said = refusalIn(texts) ?? inWords(texts) ?? reasonIn(links);
  return `${plain(said)}${questionIn(relatedInformation)}`;
}

type Links = readonly DiagnosticMessageChain[];

const NO_OVERLOAD = 2769;

/** From the head to the reason; where no overload fits, those of the one that was probably meant. */
function linksOf(message: string | DiagnosticMessageChain): Links {
  if (typeof message === 'string') return [{ messageText: message, category: 1, code: 0 }];
  if (message.code !== NO_OVERLOAD) return downFrom(message);
  const overloads = (message.next ?? []).flatMap(({ next = [] }) => next.slice(0, 1).map(downFrom));
  return likeliest(overloads) ?? downFrom(message);
}

function downFrom(link: DiagnosticMessageChain): Links {
  const below = link.next?.[0];
  return [link, ...(below === undefined ? [] : downFrom(below))];
}

/**
 * One that says why; else one whose argument was looked into; else the last, but for those that take something
 * else of ours in the argument's place.
 */
function likeliest(overloads: readonly Links[]): Links | undefined {
  const head = ([first]: Links): string => first?.messageText ?? '';
  return (
    overloads.find((links) => refusalIn(links.map((link) => link.messageText)) !== undefined) ??
    overloads.findLast((links) => /^(?:Property|Type) '/.test(head(links))) ??
    overloads.findLast((links) => !isOtherMaker(head(links))) ??
    overloads.at(-1)
  );
}

/** The API refuses an argument by asking for a `Problem<"why">` too (engine/api/type-checks.ts). */
const REFUSAL = /(?:& |required in type '|parameter of type ')Problem<"((?:[^"\\]|\\.)*)">/;

function refusalIn(texts: readonly string[]): string | undefined {
  const [why] = texts.flatMap((text) => REFUSAL.exec(text)?.slice(1) ?? []);
  return why?.replace(/\\(.)/g, '$1');
}

/** Relations whose types say nothing to a reader, but whose reason does. */
function inWords(texts: readonly string[]): string | undefined {
  const outer = relationIn(texts[0] ?? '');
  if (outer === undefined) return undefined;
  const { given, wanted } = outer;
  const inner = texts.length > 1 ? relationIn(texts.at(-1) ?? '') : undefined;
  const name = nameOf(wanted);
  if (name === 'AnySink' && inner !== undefined)
    return `the sink takes '${inner.wanted}', and the records are '${inner.given}'`;
  const maker = MAKERS.get(name);
  if (maker !== undefined && nameOf(given) !== name) return `${maker} is wanted here`;
  if (!wanted.startsWith('(')) return undefined;
  if (!given.includes('=>')) return `a function is wanted here, not '${given}'`;
  if (inner === undefined) return undefined;
  return texts.some((text) => text.startsWith('Types of parameters'))
    ? `the function takes '${inner.wanted}', and is given '${inner.given}'`
    : `the function gives '${inner.given}', and '${inner.wanted}' is wanted`;
}

/** What makes a value of a type that nobody writes by hand. */
const MAKERS: ReadonlyMap<string, string> = new Map([
  ['AnySink', 'a sink (files(…), socketSink(…), a function of the record, your own)'],
  ['FileFormat', 'a format (lines(…), csv(…), ndjson(…))'],
  ['WindowAssigner', 'a window (tumbling(…), sliding(…), session(…), cumulative(…), global())'],
  [
    'WatermarkStrategy',
    'a strategy (watermarks.boundedOutOfOrderness(…), watermarks.monotonous())',
  ],
  ['OutputTag', "a tag (outputTag('name'))"],
  ['Aggregate', 'an aggregate (count(), sum(…), mean(…), your own)'],
  ['AggregateFunction', 'an aggregate (count(), sum(…), mean(…), your own)'],
]);

function isOtherMaker(text: string): boolean {
  const relation = relationIn(text);
  if (relation === undefined) return false;
  const given = nameOf(relation.given);
  return MAKERS.has(given) && given !== nameOf(relation.wanted);
}

interface Relation {
  readonly given: string;
  readonly wanted: string;
}

const RELATION =
  /^(?:Type|Argument of type) '(.*)' is not assignable to (?:parameter of )?type '(.*)'\.$/s;

function relationIn(text: string): Relation | undefined {
  const [, given, wanted] = RELATION.exec(text) ?? [];
  return given === undefined || wanted === undefined ? undefined : { given, wanted };
}

/** `Aggregate` of `Aggregate<Flight, number>`. */
const nameOf = (type: string): string => /^(\w+)</.exec(type)?.[1] ?? '';

const MISSING_PROPERTY = new Set([2739, 2740, 2741]);
const PROPERTY = /^(?:Types of property|The types of) '(.*?)' (?:are|returned)/;
/** It is read in a row of a terminal. */
const HEAD_LENGTH_MAX = 120;

/** The head where it is short; else the reason, with the property that it is about. */
function reasonIn(links: Links): string {
  const head = links[0]?.messageText ?? '';
  const reason = links.at(-1);
  if (reason === undefined || MISSING_PROPERTY.has(reason.code)) return reason?.messageText ?? '';
  if (links.length === 1 || plain(head).length <= HEAD_LENGTH_MAX) return head;
  const path = links.flatMap(({ messageText }) => PROPERTY.exec(messageText)?.[1] ?? []);
  const of = path.length === 0 ? '' : ` (of '${path.join('.')}')`;
  return `${plain(reason.messageText)}${of}`;
}

/** `Did you forget to use 'await'?`: what TypeScript asks, it says beside the message. */
function questionIn(related: readonly DiagnosticRelatedInformation[]): string {
  const [first] = related.flatMap(({ messageText }) =>
    typeof messageText === 'string' && messageText.endsWith('?') ? [messageText] : [],
  );
  return first === undefined ? '' : `; ${first.charAt(0).toLowerCase()}${first.slice(1)}`;
}

function plain(text: string): string {
  const said = REWORDED.reduce((words, [from, to]) => words.replace(from, to), text);
  return said.replace(/\.$/, '');
}

const NO_RECORDS =
  'a stream is a plan: when the program runs there are no records yet; print, collect or process them';
const WRONG_COUNT = 'the function takes $1 arguments, and is given $2';

const REWORDED: readonly (readonly [RegExp, string])[] = [
  [/\s+/g, ' '],
  [/^(Property '.*?' does not exist) on type '.*'\. Did you mean (.*)\?$/, '$1: did you mean $2?'],
  [/^Object literal may only specify known properties, (?:and|but) ('.*?' does not exist)/, '$1'],
  [/^('.*?' does not exist) in type '.*'\. Did you mean to write (.*)\?$/, '$1: did you mean $2?'],
  [/^Target signature provides too few.*Expected (\d+).*got (\d+).*/, WRONG_COUNT],
  [/^Type '\w*Stream<.*' must have a '\[Symbol\.\w+\]\(\)' method.*/, NO_RECORDS],
  [/ but required in type /, ', and is needed in type '],
  [/\breadonly (?=[\w[])/g, ''],
  [/(\?: [^;{}]*?) \| undefined(?=[;,)])/g, '$1'],
  [/, "(?:no )?event time"(?=>)/g, ''],
];
