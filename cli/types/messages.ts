// What TypeScript says, in one sentence and for somebody who wrote a stream and not a type. TypeScript puts
// the whole relation of two types first and the reason at the end of a chain; a reader of a notebook wants the
// reason. Only texts are looked at: the checker's types are gone by then.

import type { Diagnostic, DiagnosticMessageChain, DiagnosticRelatedInformation } from 'typescript';

type Message = Pick<Diagnostic, 'messageText' | 'relatedInformation'>;

export function messageOf({ messageText, relatedInformation = [] }: Message): string {
  const chain = linksOf(messageText);
  const texts = chain.map((link) => link.messageText);
  const said = refusalIn(texts) ?? inWords(texts) ?? reasonIn(chain);
  return plain(`${said}${questionIn(relatedInformation)}`);
}

/** From the head to the reason; of overloads those of the one that was probably meant. */
function linksOf(message: string | DiagnosticMessageChain): readonly DiagnosticMessageChain[] {
  if (typeof message === 'string') return [{ messageText: message, category: 1, code: 0 }];
  if (message.code !== NO_OVERLOAD) return downFrom(message);
  const overloads = (message.next ?? []).map(({ next: [reason] = [] }) =>
    reason === undefined ? [] : downFrom(reason),
  );
  return likeliest(overloads) ?? downFrom(message);
}

const NO_OVERLOAD = 2769;

function downFrom(link: DiagnosticMessageChain): readonly DiagnosticMessageChain[] {
  const below = link.next?.[0];
  return [link, ...(below === undefined ? [] : downFrom(below))];
}

/** One of ours that says why; else one whose argument was looked into; else the last. */
function likeliest(
  overloads: readonly (readonly DiagnosticMessageChain[])[],
): readonly DiagnosticMessageChain[] | undefined {
  const texts = (chain: readonly DiagnosticMessageChain[]): string[] =>
    chain.map((link) => link.messageText);
  return (
    overloads.find((chain) => refusalIn(texts(chain)) !== undefined) ??
    overloads.findLast(([head]) => /^(?:Property|Type) '/.test(head?.messageText ?? '')) ??
    overloads.at(-1)
  );
}

/** The API refuses an argument by asking for a `Problem<"why">` too (engine/api/type-checks.ts). */
const REFUSAL = /(?:& |required in type '|parameter of type ')Problem<"((?:[^"\\]|\\.)*)">/;

function refusalIn(texts: readonly string[]): string | undefined {
  const [, why] = texts.map((text) => REFUSAL.exec(text)).find((match) => match !== null) ?? [];
  return why?.replace(/\\(.)/g, '$1');
}

/** Relations whose types say nothing to a reader, but whose reason does. */
function inWords(texts: readonly string[]): string | undefined {
  const [head = ''] = texts;
  const { given, wanted } = relationIn(head) ?? { given: '', wanted: '' };
  const [, name = ''] = /^(\w+)</.exec(wanted) ?? [];
  const inner = texts.length > 1 ? relationIn(texts.at(-1) ?? '') : undefined;
  if (name === 'AnySink' && inner !== undefined)
    return `the sink takes '${inner.wanted}', and the records are '${inner.given}'`;
  const maker = MAKERS.get(name);
  if (maker !== undefined && !given.startsWith(name)) return `${maker} is wanted here`;
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
  ['WindowAssigner', 'an assigner (tumbling(…), sliding(…), session(…), cumulative(…), global())'],
  [
    'WatermarkStrategy',
    'a strategy (watermarks.boundedOutOfOrderness(…), watermarks.monotonous())',
  ],
  ['OutputTag', "a tag (outputTag('name'))"],
  ['Aggregate', 'an aggregate (count(), sum(…), mean(…), your own)'],
  ['AggregateFunction', 'an aggregate (count(), sum(…), mean(…), your own)'],
]);

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

/** The head where it is short; else the reason, with the property that it is about. */
function reasonIn(chain: readonly DiagnosticMessageChain[]): string {
  const [head] = chain;
  const reason = chain.at(-1);
  if (head === undefined || reason === undefined) return '';
  if (reason === head || MISSING_PROPERTY.has(reason.code)) return reason.messageText;
  if (plain(head.messageText).length <= HEAD_LENGTH_MAX) return head.messageText;
  const path = chain.flatMap(({ messageText }) => PROPERTY.exec(messageText)?.[1] ?? []);
  const of = path.length === 0 ? '' : ` (of '${path.join('.')}')`;
  return `${reason.messageText.replace(/\.$/, '')}${of}`;
}

const MISSING_PROPERTY = new Set([2739, 2740, 2741]);
const PROPERTY = /^(?:Types of property|The types of) '(.*?)' (?:are|returned)/;
/** It is read in a row of a terminal. */
const HEAD_LENGTH_MAX = 120;

/** `Did you forget to use 'await'?`: what TypeScript asks beside, it says of other places too. */
function questionIn(related: readonly DiagnosticRelatedInformation[]): string {
  const texts = related.flatMap(({ messageText }) =>
    typeof messageText === 'string' && messageText.endsWith('?') ? [messageText] : [],
  );
  return texts[0] === undefined ? '' : ` ${texts[0]}`;
}

function plain(text: string): string {
  const said = REWORDED.reduce((words, [from, to]) => words.replace(from, to), text);
  return said.replace(/\.$/, '');
}

const NO_RECORDS =
  'a stream is a plan: when the program runs there are no records yet; print, collect or process them';

const REWORDED: readonly (readonly [RegExp, string])[] = [
  [/\s+/g, ' '],
  [/^(Property '.*?' does not exist) on type '.*'\. Did you mean (.*)\?$/, '$1: did you mean $2?'],
  [/^Object literal may only specify known properties, (?:and|but) ('.*?' does not exist)/, '$1'],
  [/^('.*?' does not exist) in type '.*'\. Did you mean to write (.*)\?$/, '$1: did you mean $2?'],
  [/ but required in type /, ', and is needed in type '],
  [/^Type '(?:\w*Stream)<.*' must have a '\[Symbol\.\w+\]\(\)' method.*/, NO_RECORDS],
  [/\breadonly (?=[\w[])/g, ''],
  [/(\?: [^;{}]*?) \| undefined(?=[;,)])/g, '$1'],
  [/(, )"(?:no )?event time"(?=>)/g, ''],
];
