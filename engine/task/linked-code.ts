// Code of one chain as part of another's, which hands over to it (network/handover.ts): what a record meets there
// becomes text of the sender's loops. All its names become others, so that none is taken for the sender's.

import type { HandingCode, Handover, HandoverReceiver } from '../network/handover.ts';
import type { RecordWriter } from '../network/record-writer.ts';
import type { ChainLoops, FeedRows } from './chain-entries.ts';

export interface LinkedCode {
  /** A pattern that takes the code's scope apart. */
  readonly names: string;
  /** The text that hands over what the expression says, at the sender's event time. */
  feeding(value: string): string;
}

/** `index`: unique in the sender's text. */
export function linkedCode({ text, scope }: HandingCode, index: number): LinkedCode {
  const names = Object.keys(scope);
  const newName = (name: string): string => `${name}_${index}`;
  // Members are called what they are called.
  const free = new RegExp(`(?<![.\\w])(?:${names.join('|')})(?!\\w)`, 'g');
  const renamed = text.replace(free, newName);
  return {
    names: names.map((name) => `${name}: ${newName(name)}`).join(', '),
    feeding: (value) =>
      `{ const handed = ${value}, time = T[0]; { const value = handed; ${renamed} } }`,
  };
}

/**
 * The loops, and where all that leaves the chain is handed over, others: they have the code of those that take it as
 * part of their own, end when one of them no longer does, and so never come to where a record is kept for later. Then
 * a record that nobody keeps is never made, and whether V8 sees that does not hang on what it inlines.
 */
export function withHandedOver(
  { rows, made, pulled }: ChainLoops,
  outputs: readonly { readonly writer: RecordWriter }[],
  linkTo: (codes: readonly HandingCode[]) => ChainLoops,
): ChainLoops {
  const handovers = outputs.flatMap(({ writer }) => writer.handover ?? []);
  if (handovers.length === 0 || handovers.length < outputs.length) return { rows, made, pulled };
  const links = new Links(handovers, linkTo);
  return {
    rows: rows.map(
      (feed, edge): FeedRows =>
        (values, times, from, to) => {
          const now = links.open()?.rows[edge] ?? feed;
          return now(values, times, from, to);
        },
    ),
    made:
      made &&
      ((make, highest, first, stride, count) => {
        const now = links.open()?.made ?? made;
        return now(make, highest, first, stride, count);
      }),
    pulled:
      pulled &&
      ((reader, highest, count) => {
        const now = links.open()?.pulled ?? pulled;
        return now(reader, highest, count);
      }),
  };
}

class Links {
  readonly #handovers: readonly Handover[];
  readonly #linkTo: (codes: readonly HandingCode[]) => ChainLoops;
  #codes: readonly HandingCode[] = [];
  #loops: ChainLoops | undefined;

  constructor(
    handovers: readonly Handover[],
    linkTo: (codes: readonly HandingCode[]) => ChainLoops,
  ) {
    this.#handovers = handovers;
    this.#linkTo = linkTo;
  }

  /** For now; undefined while one is not open. */
  open(): ChainLoops | undefined {
    let areSame = true;
    for (let i = 0; i < this.#handovers.length; i++) {
      const { isOpen, code } = this.#handovers[i] as Handover;
      if (!isOpen) return undefined;
      if (code !== this.#codes[i]) areSame = false;
    }
    if (!areSame || this.#loops === undefined) {
      this.#codes = this.#handovers.flatMap(({ code }) => code ?? []);
      this.#loops = this.#linkTo(this.#codes);
    }
    return this.#loops;
  }
}

/** By text of its own, as the chain's code is: what two tasks share, neither has inlined. */
export function handOf({ text, scope }: HandingCode): HandoverReceiver['hand'] {
  const make = new Function(
    ...Object.keys(scope),
    `return (value, time) => { // handover ${++handovers}
      ${text}
    };`,
  ) as (...values: readonly unknown[]) => HandoverReceiver['hand'];
  return make(...Object.values(scope));
}

let handovers = 0;
