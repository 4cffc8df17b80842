// The way of a record through a chain, as one generated function for each place where records enter it: the
// operators behind it in the chain, what each of them hands on to, and the record writers at the ends. Maps and
// filters are part of the text, so a chain of them costs little more than the user's functions in a loop; every
// other operator is called. The text is each chain's own: V8 keeps what it learns of types with the text, and
// chains that shared one would unlearn each other's. A record that nobody keeps is then never made: its fields
// stay in registers.
//
// Operators count their records, as far as the counts do not follow from one another (chain-counts.ts), and the
// one at work is written down before its code runs: what fails, or hangs, is known by it.

import type { HandingCode } from '../network/handover.ts';
import type { RecordWriter } from '../network/record-writer.ts';
import type { InlineKeyedFold, StreamOperator, TimeCell } from '../operators/stream-operator.ts';
import { mapKeyOf, PAIRS_FROM } from '../state/map-key.ts';
import type { ChainCounts } from './chain-counts.ts';
import { type ChainEntry, type ChainLoops, entryTexts } from './chain-entries.ts';
import { type LinkedCode, linkedCode, withHandedOver } from './linked-code.ts';
import { HANDED_OVER, OPERATOR, operatorColumn, TASK } from './task-metrics.ts';

export interface ChainedOperator {
  readonly operator: StreamOperator;
  /** Index of the one before; -1 for the head. */
  readonly after: number;
  readonly sideOutput: string | undefined;
  /** Where what the operator emits is to go from now on. */
  readonly connect?: (emit: Receiver) => void;
}

export interface ChainOutput {
  readonly writer: RecordWriter;
  /** Index of the operator whose output leaves here. */
  readonly from: number;
  readonly sideOutput: string | undefined;
}

type Receiver = (value: unknown) => void;

interface ChainParts {
  readonly operators: readonly ChainedOperator[];
  readonly outputs: readonly ChainOutput[];
  readonly time: TimeCell;
  readonly metrics: Float64Array;
  readonly counts: ChainCounts;
  /** Makes receivers independent of one another; undefined: they promise to be. */
  readonly copy: ((value: unknown) => unknown) | undefined;
  /** By input edge. */
  readonly entries: readonly ChainEntry[];
  /** Its one element is not 0 while the chain is paused. */
  readonly paused: Int32Array;
  /** Told of a record whose processing failed; throws the error again. */
  readonly lost: (error: unknown, record: unknown) => never;
}

export interface ChainCode extends ChainLoops {
  /** By input edge: one record, with its event time. */
  readonly handing: readonly HandingCode[];
  /** By operator: where what it emits goes. */
  readonly main: readonly Receiver[];
  /** The same for side outputs, by tag; those that lead nowhere are not there. */
  readonly side: readonly ReadonlyMap<string, Receiver>[];
}

interface MadeChain extends ChainLoops {
  readonly scope: HandingCode['scope'];
  readonly emits: readonly Receiver[];
}

let chains = 0;

export function chainCode(parts: ChainParts): ChainCode {
  const { operators } = parts;
  const text = new ChainText(parts);
  const { emits, scope, ...loops } = madeOf(parts, text);
  const [main, tagged] = [emits.slice(0, operators.length), emits.slice(operators.length)];
  const side = operators.map((_, i) => {
    const own = text.sides.flatMap(({ from, tag }, s) =>
      from === i ? [[tag, tagged[s] as Receiver] as const] : [],
    );
    return new Map(own);
  });
  const handing = text.handing.map((hand) => ({ text: hand, scope }));
  const linked = (handed: readonly HandingCode[]): ChainLoops =>
    madeOf(parts, new ChainText(parts, handed), handed);
  return { ...withHandedOver(loops, parts.outputs, linked), handing, main, side };
}

function madeOf(
  parts: ChainParts,
  text: ChainText,
  handed: readonly HandingCode[] = [],
): MadeChain {
  const { operators, outputs, time, metrics, copy, entries, paused, lost } = parts;
  const make = new Function(
    ...['O', 'F', 'W', 'D', 'T', 'M', 'P', 'E', 'R', 'copy', 'lost', 'stamp', 'mapKeyOf'],
    text.whole(++chains),
  ) as (...values: readonly unknown[]) => MadeChain;
  return make(
    operators.map(({ operator }) => operator),
    operators.map(({ operator: { inline } }) =>
      inline?.kind === 'logs' ? undefined : inline?.call,
    ),
    outputs.map(({ writer }) => writer),
    outputs.map(({ writer }) => writer.handover),
    time,
    metrics,
    paused,
    entries,
    handed.map(({ scope }) => scope),
    copy,
    lost,
    operators[0]?.operator.eventTime,
    mapKeyOf,
  );
}

/** A record in the text. */
interface Value {
  readonly name: string;
  /** Another receiver gets the same object afterwards. */
  readonly isShared: boolean;
}

class ChainText {
  /** Places of side outputs, in the order of their functions. */
  readonly sides: readonly { readonly from: number; readonly tag: string }[];
  readonly #parts: ChainParts;
  /** By output, where all are handed over: the code that takes it. */
  readonly #handed: readonly LinkedCode[];
  #names = 0;

  constructor(parts: ChainParts, handed: readonly HandingCode[] = []) {
    this.#parts = parts;
    this.#handed = handed.map(linkedCode);
    this.sides = sidesOf(parts);
  }

  /** By input edge: the text that feeds `value` at `time`. */
  get handing(): readonly string[] {
    return this.#entries().hand;
  }

  whole(id: number): string {
    const { operators, outputs, entries } = this.#parts;
    const isLinked = this.#handed.length > 0;
    const emits = isLinked
      ? []
      : [
          ...operators.map((_, i) => this.#emitter(i, undefined)),
          ...this.sides.map(({ from, tag }) => this.#emitter(from, tag)),
        ];
    const { head, loops } = this.#entries();
    const scope = [
      ...operators.map((_, i) => `o${i}, f${i}, y${i}`),
      ...outputs.map((_, i) => `w${i}, d${i}`),
      ...entries.flatMap(({ keyed }, i) => (keyed === undefined ? [] : `k${i}, s${i}, c${i}`)),
    ];
    return `'use strict'; // chain ${id}
${operators.map((_, i) => `const o${i} = O[${i}], f${i} = F[${i}], y${i} = o${i}.inline?.rows;`).join('\n')}
${outputs.map((_, i) => `const w${i} = W[${i}], d${i} = D[${i}];`).join('\n')}
${this.#handed.map(({ names }, i) => `const { ${names} } = R[${i}];`).join('\n')}
${head}
return {
  ${loops}
  scope: { T, M, P, copy, lost, mapKeyOf, ${scope.join(', ')} },
  emits: [
${emits.join(',\n')}
  ],
};`;
  }

  #entries(): ReturnType<typeof entryTexts> {
    const { operators, outputs, entries } = this.#parts;
    const open = this.#handed.length > 0 ? outputs.map((_, i) => `d${i}.isOpen`) : [];
    return entryTexts({
      entries,
      head: (operators[0] as ChainedOperator).operator,
      feed: (input, setKey) =>
        input === 0 ? this.#feed(0, VALUE, setKey) : this.#feedSecond(setKey),
      handOn: () => this.#passOn(0, undefined, VALUE),
      goesOn: ['P[0] === 0', ...open].join(' && '),
      atHead: at(0),
      made: `M[${operatorColumn(0, OPERATOR.recordsOut)}]`,
    });
  }

  #feedSecond(setKey: string): string {
    const called = `${setKey} o0.processElement2(value);`;
    const inline = this.#parts.operators[0]?.operator.inline;
    const isLog = inline?.kind === 'logs' && setKey !== '';
    return `${at(0)} ${isLog ? addToLog(1, called) : called}`;
  }

  /** For an operator that is at work again afterwards. */
  #emitter(from: number, tag: string | undefined): string {
    return `(value) => { ${this.#handOn(from, tag, VALUE)} ${at(from)} }`;
  }

  /** What follows when operator `from` emits. */
  #handOn(from: number, tag: string | undefined, value: Value): string {
    return `${this.#count(from, OPERATOR.recordsOut)} ${this.#passOn(from, tag, value)}`;
  }

  #passOn(from: number, tag: string | undefined, value: Value): string {
    const receivers = this.#receiversOf(from, tag);
    const [last, ...others] = receivers.toReversed();
    if (last === undefined) return '';
    if (others.length === 0) return last(value);
    // Each gets a copy, but for the last, and the event time that was emitted: none sees what another does.
    const time = this.#name('t');
    const shared = { name: value.name, isShared: true };
    const again = `${at(from)} T[0] = ${time};`;
    const first = others.toReversed().map((receive) => `${receive(shared)} ${again}`);
    return `const ${time} = T[0]; ${first.join(' ')} ${last(value)}`;
  }

  #receiversOf(from: number, tag: string | undefined): readonly ((value: Value) => string)[] {
    const { operators, outputs } = this.#parts;
    const chained = operators.flatMap(({ after, sideOutput }, i) =>
      after === from && sideOutput === tag ? [(value: Value) => this.#feed(i, value)] : [],
    );
    const written = outputs.flatMap((output, i) =>
      output.from === from && output.sideOutput === tag
        ? [(value: Value) => this.#leave(i, value)]
        : [],
    );
    return [...chained, ...written];
  }

  /** To another chain: at once where it stands open for that (handover.ts), else by way of a batch. */
  #leave(output: number, value: Value): string {
    const { writer, from } = this.#parts.outputs[output] as ChainOutput;
    const written = `w${output}.emit(${this.#own(value)}, T[0]);`;
    if (writer.handover === undefined) return written;
    const hand =
      this.#handed[output]?.feeding(this.#own(value)) ??
      `d${output}.hand(${this.#own(value)}, T[0]);`;
    return `if (d${output}.isOpen) { ${at(HANDED_OVER)} ${hand} ${at(from)} } else { ${written} }`;
  }

  /** Operator `index` gets a record, whose key `setKey` sets. */
  #feed(index: number, value: Value, setKey = ''): string {
    const begin = `${at(index)} ${this.#count(index, OPERATOR.recordsIn)}`;
    const inline = this.#parts.operators[index]?.operator.inline;
    const called = `${setKey} o${index}.processElement(${this.#own(value)});`;
    if (inline === undefined) return `${begin} ${called}`;
    switch (inline.kind) {
      case 'map': {
        const mapped = { name: this.#name('v'), isShared: false };
        return `${begin} { const ${mapped.name} = f${index}(${this.#own(value)}); ${this.#handOn(index, undefined, mapped)} }`;
      }
      case 'filter':
        // Only looks: what does not pass needs no copy.
        return `${begin} if (f${index}(${value.name})) { ${this.#handOn(index, undefined, value)} }`;
      case 'fold': {
        const [cell, own] = [`o${index}.inline.cell`, this.#own(value)];
        const isWithin = `T[0] >= ${cell}.times[0] && T[0] < ${cell}.times[1]`;
        // What stays is not stored again: for objects that is more than a look at it.
        const fold = `const held = ${cell}.value, next = f${index}(held, ${own}); if (next !== held) ${cell}.value = next;`;
        return `${begin} if (${isWithin}) { ${fold} } else o${index}.processElement(${own});`;
      }
      case 'logs':
        return `${begin} ${setKey === '' ? called : addToLog(0, called)}`;
      case 'keyed-fold':
        if (setKey === '') return `${begin} ${called}`;
        return `${begin} ${this.#foldByKey(index, inline, setKey, called)}`;
    }
  }

  /** Of the key in `key`. */
  #foldByKey(index: number, inline: InlineKeyedFold, setKey: string, called: string): string {
    const [y, o, f] = [`y${index}`, `o${index}`, `f${index}`];
    const { output, copies } = inline;
    const result = copies || output === undefined ? `${y}.layout.read(cells, at)` : 'next';
    const record = output === undefined ? result : `${o}.inline.output(key, ${result})`;
    const emitted = { name: this.#name('v'), isShared: false };
    // What is begun stands in cells before it is added to: objects of one kind alone come to the user's function.
    return `${KEY_ID}
      let row = ${y}.find(id);
      if (row === -1) { ${setKey} ${o}.inline.begin(); row = ${y}.find(id); }
      if (row < 0) { ${called} } else {
        const cells = ${y}.cells(row), at = ${y}.at(row);
        let next = ${f}(${y}.layout.load(cells, at, ${y}.borrowed), value);
        if (${y}.layout.write(cells, at, next)) {
          const ${emitted.name} = ${record};
          ${this.#handOn(index, undefined, emitted)}
        } else {
          if (next === undefined || next === value) next = ${o}.inline.take(next, value);
          ${setKey}
          ${o}.inline.keep(next);
        }
      }`;
  }

  /** For who may change it, or keep it. */
  #own({ name, isShared }: Value): string {
    return isShared && this.#parts.copy !== undefined ? `copy(${name})` : name;
  }

  #count(operator: number, column: number): string {
    return this.#parts.counts.count(operator, column);
  }

  #name(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }
}

/** Of the key in `key`, as state knows it. */
const KEY_ID = `const id = typeof key === 'number' && key < ${PAIRS_FROM} ? key : mapKeyOf(key);`;

/** The head's own. */
function addToLog(side: 0 | 1, called: string): string {
  const log = `o0.inline.cell.${side === 0 ? 'left' : 'right'}`;
  return `${KEY_ID}
    let isIn = T[0] >= o0.inline.cell.times[0] && T[0] < o0.inline.cell.times[1] && ${log}.hasRoom;
    if (!isIn) isIn = o0.inline.prepare(${side});
    if (isIn && ${log}.layout.write(${log}.cells, ${log}.at, value)) ${log}.append(id); else { ${called} }`;
}

const VALUE: Value = { name: 'value', isShared: false };

const at = (index: number): string => `M[${TASK.operator}] = ${index};`;

function sidesOf({ operators, outputs }: ChainParts): ChainText['sides'] {
  const all = [
    ...operators.map(({ after, sideOutput }) => ({ from: after, tag: sideOutput })),
    ...outputs.map(({ from, sideOutput }) => ({ from, tag: sideOutput })),
  ];
  return all.flatMap(({ from, tag }, i) =>
    tag === undefined || all.findIndex((one) => one.from === from && one.tag === tag) < i
      ? []
      : [{ from, tag }],
  );
}
