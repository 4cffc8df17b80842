// Colours for TypeScript source, line by line. What a line inherits (an open comment, template or `${`) is a
// short string, its carry; a line and its carry decide everything, so lines are remembered by both and a
// keystroke costs one line. It knows no grammar: it is for the eye, and errors come from the compiler.

import { type Span, span } from '../text/spans.ts';
import type { StyleName } from '../text/theme.ts';

/** Innermost last: `c` comment, a backtick for a template, `$` an expression in one, `{` a block in that. */
export type Carry = string;

export interface LexedLine {
  readonly spans: readonly Span[];
  readonly carry: Carry;
}

const KEYWORDS = new Set(
  `abstract as async await break case catch class const continue debugger declare default delete do else
  enum export extends finally for from function get if implements import in infer instanceof interface is
  keyof let namespace new of override private protected public readonly return satisfies set static super
  switch this throw try type typeof unique using var void while yield`.split(/\s+/),
);
const LITERALS = new Set(['true', 'false', 'null', 'undefined', 'NaN', 'Infinity']);

const TOKEN =
  /\/\/.*|\/\*|`|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|\d[\w.]*|[\p{L}_$][\p{L}\p{N}_$]*|\s+|[{}]|./gu;
const REGEX = /^\/(?:[^/\\[]|\\.|\[(?:[^\]\\]|\\.)*\])+\/[a-z]*/;

const REMEMBERED_MAX = 4_096;
/** An open nest of templates deeper than this is not source that somebody reads. */
const CARRY_MAX = 64;
const remembered = new Map<string, LexedLine>();

/** All lines of a cell, in order. */
export function highlight(lines: readonly string[]): readonly (readonly Span[])[] {
  let carry: Carry = '';
  return lines.map((line) => {
    const lexed = lexLine(line, carry);
    carry = lexed.carry;
    return lexed.spans;
  });
}

export function lexLine(line: string, carry: Carry): LexedLine {
  const key = `${carry}\n${line}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  const lexed = new LineLexer(line, carry).run();
  remembered.set(key, lexed);
  return lexed;
}

class LineLexer {
  readonly #line: string;
  #carry: string;
  #at = 0;
  readonly #spans: Span[] = [];
  /** The last token that is not blank, to tell a regular expression from a division. */
  #previous = '';

  constructor(line: string, carry: string) {
    this.#line = line;
    this.#carry = carry;
  }

  run(): LexedLine {
    while (this.#at < this.#line.length) {
      const inside = this.#carry.at(-1);
      if (inside === 'c') this.#comment();
      else if (inside === '`') this.#template();
      else this.#code();
    }
    return { spans: this.#spans, carry: this.#carry.slice(0, CARRY_MAX) };
  }

  #comment(): void {
    const end = this.#line.indexOf('*/', this.#at);
    if (end >= 0) this.#leave();
    this.#take('dim', (end < 0 ? this.#line.length : end + 2) - this.#at);
  }

  #template(): void {
    const rest = this.#line.slice(this.#at);
    const end = /(?:[^`\\$]|\\.|\$(?!\{)|\\$)*/.exec(rest)?.[0].length ?? 0;
    if (rest.startsWith('${', end)) {
      this.#take('string', end);
      this.#enter('$');
      this.#take('keyword', 2);
    } else if (rest[end] === '`') {
      this.#leave();
      this.#take('string', end + 1);
    } else {
      this.#take('string', rest.length);
    }
  }

  #code(): void {
    TOKEN.lastIndex = this.#at;
    const token = TOKEN.exec(this.#line)?.[0] ?? '';
    if (token === '/*') {
      this.#enter('c');
      this.#take('dim', 2);
    } else if (token === '`') {
      this.#enter('`');
      this.#take('string', 1);
    } else if (token === '{' || token === '}') {
      this.#brace(token);
    } else if (token === '/' && this.#isRegexHere()) {
      const regex = REGEX.exec(this.#line.slice(this.#at))?.[0] ?? token;
      this.#take(regex.length > 1 ? 'string' : 'text', regex.length);
    } else {
      this.#take(this.#styleOf(token), Math.max(1, token.length));
    }
    if (token.trim() !== '') this.#previous = token;
  }

  /** Braces count only inside a template's expression, where one of them ends it. */
  #brace(token: string): void {
    const inside = this.#carry.at(-1);
    if (inside !== undefined && token === '{') this.#enter('{');
    else if (inside !== undefined) this.#leave();
    this.#take(inside === '$' && token === '}' ? 'keyword' : 'text', 1);
  }

  #styleOf(token: string): StyleName {
    const first = token[0] ?? '';
    if (token.startsWith('//')) return 'dim';
    if (first === '"' || first === "'") return 'string';
    if (/\d/.test(first)) return 'literal';
    if (!/[\p{L}_$]/u.test(first)) return 'text';
    if (this.#previous === '.') return this.#isCall(token) ? 'call' : 'text';
    if (KEYWORDS.has(token)) return 'keyword';
    if (LITERALS.has(token)) return 'literal';
    if (/^\p{Lu}/u.test(token)) return 'type';
    return this.#isCall(token) ? 'call' : 'text';
  }

  #isCall(token: string): boolean {
    return this.#line[this.#at + token.length] === '(';
  }

  #isRegexHere(): boolean {
    return this.#previous === '' || /^[(,=:[!&|?{};+\-*%<>~^]$|^return$/.test(this.#previous);
  }

  #take(style: StyleName, length: number): void {
    if (length <= 0) return;
    this.#spans.push(span(style, this.#line.slice(this.#at, this.#at + length)));
    this.#at += length;
  }

  #enter(kind: string): void {
    this.#carry += kind;
  }

  #leave(): void {
    this.#carry = this.#carry.slice(0, -1);
  }
}
