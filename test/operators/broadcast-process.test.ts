// Broadcast state, with and without keys.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KeyedBroadcastProcessFunction } from '../../engine/operators/functions.ts';
import { map, reducing } from '../../engine/state/descriptors.ts';
import { type OperatorDefinition, OperatorHarness } from '../harness/operator-harness.ts';
import {
  emitted,
  type InputItem,
  type OutputItem,
  record,
  record2,
  watermark,
} from '../harness/operator-items.ts';
import { verifyGroups, verifyOperator } from '../harness/verify-operator.ts';

interface Item {
  readonly key: string;
  readonly n: number;
}

const item = (key: string, n: number, timeMs?: number) => record({ key, n }, timeMs);
const byKey = ({ key }: Item) => key;

const rules = map<string, number>({ name: 'rules' });

test('broadcast state is whole in every subtask, and survives any rescaling', () => {
  const functions = () => ({
    process: {
      process: ({ key, n }: Item, ctx: Read, out: Out) =>
        out.collect([key, n * (ctx.broadcastState(rules).get(key) ?? 0)]),
      processBroadcast({ key, n }: Item, ctx: Read) {
        if (n === 0) ctx.broadcastState(rules).remove(key);
        else ctx.broadcastState(rules).put(key, n);
      },
    },
  });
  const params = { keyed: false, states: ['rules'] };
  verifyOperator(
    { kind: 'broadcast-process', params, functions },
    {
      input: [
        item('a', 1),
        record2({ key: 'a', n: 7 }),
        item('a', 2),
        record2({ key: 'a', n: 0 }),
        item('a', 2),
      ],
      output: [emitted(['a', 0]), emitted(['a', 14]), emitted(['a', 0])],
    },
  );
  const harness = new OperatorHarness({
    kind: 'broadcast-process',
    params: { keyed: false, states: ['others'] },
    functions,
  });
  expect(() => harness.push(item('a', 1))).toThrow(/no broadcast state "rules".*declares "others"/);
});

interface Out {
  collect(value: unknown): void;
}
interface Read {
  broadcastState(descriptor: typeof rules): {
    get(key: string): number | undefined;
    put(key: string, value: number): void;
    remove(key: string): void;
  };
}

test('the broadcast side of a keyed operator visits the state of every key', () => {
  const total = reducing<number>({ name: 'total', reduce: (a, b) => a + b });
  const process = (): KeyedBroadcastProcessFunction<string, Item, string, unknown> => ({
    process({ n }, ctx, out) {
      ctx.state(total).add(n * (ctx.broadcastState(rules).get('factor') ?? 1));
      ctx.timers.event(50);
      out.collect(ctx.state(total).get());
    },
    processBroadcast(command, ctx, out) {
      if (command === 'double') ctx.broadcastState(rules).put('factor', 2);
      else {
        ctx.applyToKeyedState(total, (key, state) => {
          out.collect([key, state.get()]);
          state.clear();
        });
      }
    },
    onTimer: (_timeMs, ctx, out) =>
      out.collect([
        ctx.key,
        ctx.state(total).get() ?? 'none',
        [...ctx.broadcastState(rules).entries()],
      ]),
  });
  verifyOperator(
    {
      kind: 'broadcast-process',
      params: { keyed: true, states: ['rules'] },
      key: byKey,
      keyedInputs: [0],
      functions: () => ({ process: process() }),
    },
    {
      input: [
        item('a', 1, 1),
        item('b', 2, 1),
        record2('double'),
        item('b', 2, 1),
        record2('report'),
        watermark(50),
      ],
      output: [
        emitted(1, 1),
        emitted(2, 1),
        emitted(6, 1),
        emitted(['a', 1]),
        emitted(['b', 6]),
        emitted(['a', 'none', [['factor', 2]]], 50),
        emitted(['b', 'none', [['factor', 2]]], 50),
        watermark(50),
      ],
    },
  );
});

const anyKey = fc.constantFrom('a', 'b', 'c', 'd');
/** Of a key with a number, or a rule for all: a factor, none any more, or a report of what keys have. */
const anyStep = fc.oneof(
  { weight: 4, arbitrary: fc.record({ key: anyKey, n: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ factor: fc.integer({ min: 2, max: 5 }) }) },
  { weight: 1, arbitrary: fc.constant('forget' as const) },
  { weight: 1, arbitrary: fc.constant('report' as const) },
);

type Rule = { readonly factor: number } | 'forget' | 'report';

/** Beyond it a total begins anew with a report. */
const LET_GO = 20;
const totals = reducing<number>({ name: 'total', reduce: (a, b) => a + b });

const totalling = (): KeyedBroadcastProcessFunction<string, Item, Rule, unknown> => ({
  process({ n }, ctx, out) {
    ctx.state(totals).add(n * (ctx.broadcastState(rules).get('factor') ?? 1));
    out.collect([ctx.key, ctx.state(totals).get()]);
  },
  processBroadcast(rule, ctx, out) {
    if (rule === 'forget') ctx.broadcastState(rules).clear();
    else if (rule !== 'report') ctx.broadcastState(rules).put('factor', rule.factor);
    else {
      ctx.applyToKeyedState(totals, (key, state) => {
        out.collect([key, state.get()]);
        if ((state.get() ?? 0) > LET_GO) state.clear();
      });
    }
  },
});

/** The same by itself alone. */
class Totals {
  readonly #sums = new Map<string, number>();
  #factor = 1;

  add({ key, n }: Item): OutputItem[] {
    const sum = (this.#sums.get(key) ?? 0) + n * this.#factor;
    this.#sums.set(key, sum);
    return [emitted([key, sum])];
  }

  rule(rule: Rule): OutputItem[] {
    if (rule === 'report') {
      const pairs = [...this.#sums];
      for (const [key, sum] of pairs) if (sum > LET_GO) this.#sums.delete(key);
      return pairs.map((pair) => emitted(pair));
    }
    this.#factor = rule === 'forget' ? 1 : rule.factor;
    return [];
  }
}

test('rules for all keys hold for each of them, wherever it is', () => {
  const definition: OperatorDefinition = {
    kind: 'broadcast-process',
    params: { keyed: true, states: ['rules'] },
    key: byKey,
    keyedInputs: [0],
    functions: () => ({ process: totalling() }),
  };
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
      const input = steps.map(
        (step): InputItem =>
          typeof step === 'object' && 'key' in step ? record(step) : record2(step),
      );
      const all = new Totals();
      const expected = steps.map((step) =>
        typeof step === 'object' && 'key' in step ? all.add(step) : all.rule(step),
      );
      verifyGroups(definition, input, expected);
    }),
    { numRuns: 25 },
  );
});
