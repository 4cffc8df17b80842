// Timers of both kinds that set and delete others as they fire, of functions with one and two inputs, against
// timers by definition: a set of times for each key.

import fc from 'fast-check';
import { test } from 'vitest';
import type {
  KeyedCoProcessFunction,
  KeyedProcessFunction,
  OnTimerContext,
} from '../../engine/operators/functions.ts';
import { value } from '../../engine/state/descriptors.ts';
import {
  emitted,
  endOfInput,
  type InputItem,
  type OutputItem,
  processingTime,
  record,
  record2,
  watermark,
} from '../harness/operator-items.ts';
import { verifyGroups } from '../harness/verify-operator.ts';

type Domain = 'event' | 'processing';

interface Act {
  readonly key: string;
  readonly domain: Domain;
  readonly isSet: boolean;
  readonly at: number;
}

/** What a timer does as it fires, by its time: sets one of its kind or of the other, deletes one. */
function actsOf(domain: Domain, at: number): readonly Omit<Act, 'key'>[] {
  const other = domain === 'event' ? 'processing' : 'event';
  return [
    ...(at % 3 === 0 ? [{ domain, isSet: true, at: at + 2 }] : []),
    ...(at % 4 === 1 ? [{ domain, isSet: false, at: at + 1 }] : []),
    ...(at % 5 === 2 ? [{ domain: other, isSet: true, at: at + 1 } as const] : []),
    ...(at % 7 === 4 ? [{ domain: other, isSet: false, at: at - 1 } as const] : []),
    // It is not set any more.
    ...(at % 7 === 5 ? [{ domain, isSet: false, at }] : []),
  ];
}

type Timers = OnTimerContext<string>['timers'];

function carryOut(timers: Timers, { domain, isSet, at }: Omit<Act, 'key'>): void {
  if (domain === 'event') isSet ? timers.event(at) : timers.deleteEvent(at);
  else isSet ? timers.processing(at) : timers.deleteProcessing(at);
}

const fired = value({ name: 'fired', default: 0 });

const onTimer: NonNullable<KeyedProcessFunction<string, Act, unknown>['onTimer']> = (
  at,
  ctx,
  out,
) => {
  const count = ctx.state(fired).value() + 1;
  ctx.state(fired).update(count);
  out.collect([ctx.key, ctx.timeDomain, at, count]);
  for (const act of actsOf(ctx.timeDomain, at)) carryOut(ctx.timers, act);
};

const oneInput = (): KeyedProcessFunction<string, Act, unknown> => ({
  process: (act, ctx) => carryOut(ctx.timers, act),
  onTimer,
});

const twoInputs = (): KeyedCoProcessFunction<string, Act, Act, unknown> => ({
  process1: (act, ctx) => carryOut(ctx.timers, act),
  process2: (act, ctx) => carryOut(ctx.timers, act),
  onTimer,
});

/** Timers of one key. */
class Naive {
  readonly #times: Readonly<Record<Domain, Set<number>>> = {
    event: new Set(),
    processing: new Set(),
  };
  #fired = 0;

  act({ domain, isSet, at }: Omit<Act, 'key'>): void {
    if (isSet) this.#times[domain].add(at);
    else this.#times[domain].delete(at);
  }

  fire(key: string, domain: Domain, upTo: number): OutputItem[] {
    const items: OutputItem[] = [];
    for (;;) {
      const at = Math.min(...this.#times[domain]);
      if (at === Number.POSITIVE_INFINITY || at > upTo) return items;
      this.#times[domain].delete(at);
      items.push(emitted([key, domain, at, ++this.#fired], domain === 'event' ? at : Number.NaN));
      for (const act of actsOf(domain, at)) this.act(act);
    }
  }
}

function naiveTimers(input: readonly InputItem[]): OutputItem[][] {
  const keys = new Map<string, Naive>();
  let now = 0;
  return input.map((item) => {
    const output: OutputItem[] = [];
    if (item.kind === 'record') {
      const act = item.value as Act;
      if (!keys.has(act.key)) keys.set(act.key, new Naive());
      keys.get(act.key)?.act(act);
    }
    if (item.kind === 'processing-time') now = item.timeMs;
    for (const [key, timers] of keys) {
      if (item.kind === 'watermark') output.push(...timers.fire(key, 'event', item.timeMs));
      // In its own millisecond there may still come elements.
      output.push(...timers.fire(key, 'processing', now - 1));
    }
    return item.kind === 'watermark' ? [...output, item] : output;
  });
}

const anyTime = fc.integer({ min: -5, max: 40 });

const anyInput: fc.Arbitrary<InputItem[]> = fc
  .array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          key: fc.constantFrom('a', 'b', 'c'),
          domain: fc.constantFrom<Domain>('event', 'processing'),
          isSet: fc.constantFrom(true, true, true, false),
          at: anyTime,
          isSecond: fc.boolean(),
        }),
      },
      { weight: 1, arbitrary: fc.record({ watermark: anyTime }) },
      { weight: 1, arbitrary: fc.record({ now: anyTime }) },
    ),
    { maxLength: 40 },
  )
  .map((steps) => {
    let [mark, now] = [Number.NEGATIVE_INFINITY, 0];
    const items = steps.map((step): InputItem => {
      if ('watermark' in step) {
        mark = Math.max(mark, step.watermark);
        return watermark(mark);
      }
      if ('now' in step) {
        now = Math.max(now, step.now);
        return processingTime(now);
      }
      const { isSecond, ...act } = step;
      return isSecond ? record2(act, 0) : record(act, 0);
    });
    return [...items, endOfInput];
  });

const key = (act: Act): string => act.key;

test.each([
  ['keyed-process', oneInput],
  ['keyed-co-process', twoInputs],
] as const)('timers that set and delete timers are what sets of times are: %s', (kind, process) => {
  fc.assert(
    fc.property(anyInput, (steps) => {
      const isOne = kind === 'keyed-process';
      const input = isOne
        ? steps.map((item) => (item.kind === 'record' ? { ...item, input: 0 as const } : item))
        : steps;
      verifyGroups(
        { kind, key, functions: () => ({ process: process() }) },
        input,
        naiveTimers(input),
      );
    }),
    { numRuns: 25 },
  );
});
