// Keys and values that naive code loses or takes for one another (NaN, -0, what no UTF-8 has, names of
// Object.prototype) go through exchange, state, windows, a savepoint, a rescale and the results unaltered.

import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { takeSavepoint } from '../../engine/runtime/jobmaster/job-savepoints.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { RunningJob } from '../harness/running-job.ts';
import type { TestProgram } from '../harness/test-jobs.ts';
import { PLACEMENTS } from './placements.ts';

const parsed = (json: string): object => JSON.parse(json) as object;

/** All different, but for the two zeros at the end, which are one. */
const KEYS = [
  ...[Number.NaN, 1, 1n, '1', true, 'true', '', 'NaN', 'null', 'undefined', '-0', 0n],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length'],
  ...[
    '\ud800',
    '\udc00',
    '\ufffd',
    'a\ud800',
    '\u0000',
    '\u0000s',
    'e\u0301',
    '\u00e9',
    'ab\udc00',
  ],
  ...[
    new Date(0),
    new Date(-1),
    [0],
    ['0'],
    ['__proto__', 1],
    ['\ud800'],
    [[1, 'a'].join()],
    [Number.NaN],
  ],
  ...[0, -0],
];
const VALUES: readonly unknown[] = [
  ...[Number.NaN, -0, 0, undefined, null, '\ud800', '\udc00x', 2n ** 80n, -1n, Number.MIN_VALUE],
  parsed('{"__proto__": {"x": 1}, "constructor": 2, "toString": null}'),
  { minus: -0, nan: Number.NaN, gone: undefined, 'lone \ud800': '\ud800' },
  Object.assign([1], { 2: -0, 3: undefined }),
  new Map<unknown, unknown>([
    ['__proto__', Number.NaN],
    [-0, { k: new Set([Number.NaN]) }],
  ]),
  new Date(Number.NaN),
  Object.assign(Object.create(null) as object, { bare: -0 }),
  Float64Array.of(Number.NaN, -0),
];

const shown = (value: unknown): string =>
  inspect(value, { depth: 9, breakLength: Number.POSITIVE_INFINITY, sorted: false });

const COUNT = 20 * KEYS.length;

const program =
  (group: string): TestProgram =>
  ({ env, value, watermarks, tumbling }) => {
    const last = value<{ readonly it: unknown }>({ name: 'last' });
    const keyed = env
      .generate((n) => ({ n, key: KEYS[n % KEYS.length], it: VALUES[n % VALUES.length] }), {
        count: COUNT,
        ratePerSecond: 2_000,
      })
      .withWatermarks(watermarks.monotonous(), ({ n }) => n)
      .keyBy(({ key }) => key as string);
    keyed
      .process({
        process({ it, n }, ctx, out) {
          const state = ctx.state(last);
          const before = state.value();
          if (n >= COUNT - KEYS.length) out.collect([shown(ctx.key), shown(before?.it)]);
          state.update({ it });
        },
      })
      .slotSharingGroup(group)
      .print('state');
    keyed
      .window(tumbling({ size: COUNT }))
      .aggregate(
        { create: () => [] as unknown[], add: (list, { it }) => [...list, it] },
        (key, _, list) => [shown(key), list.map(shown).toSorted()],
      )
      .slotSharingGroup(group)
      .print('windows');
  };

/** By plain loops over lists: nothing of ours compares keys. */
function expected(): { readonly state: readonly unknown[]; readonly windows: readonly unknown[] } {
  const keys = KEYS.slice(0, -1);
  const numbersOf = (key: number): readonly number[] =>
    Array.from({ length: COUNT }, (_, n) => n).filter(
      // The last key is the one before it.
      (n) => Math.min(n % KEYS.length, keys.length - 1) === key,
    );
  const itOf = (n: number): string => shown(VALUES[n % VALUES.length]);
  return {
    state: keys.slice(0, -1).map((key, i) => [shown(key), itOf(numbersOf(i).at(-2) ?? 0)]),
    windows: keys.map((key, i) => [shown(key), numbersOf(i).map(itOf).toSorted()]),
  };
}

const sorted = (rows: readonly unknown[]): readonly string[] =>
  rows.map((row) => JSON.stringify(row)).toSorted();

const runs = ({ master }: RunningJob): boolean =>
  master.graph.subtasks.every(({ current }) => current.state === 'RUNNING');

/** The two zeros come from two splits, in any order. */
const isOfOther = (row: unknown): boolean => !/^-?0$/.test((row as readonly string[])[0] ?? '');

describe.each(PLACEMENTS)('odd keys and values $where', ({ cluster: settings, group }) => {
  test.each(['hashmap', 'lmdb'])(
    'are what they were, also behind a savepoint and a rescale: %s',
    async (backend) => {
      const cluster = new MiniCluster({ ...settings, slotsPerTaskManager: 8 });
      const configuration = {
        'execution.checkpointing.interval': '20 ms',
        'state.backend.type': backend,
        'parallelism.default': 2,
      };
      const first = cluster.submit(program(group), configuration);
      await cluster.clock.play(() => runs(first), 'all subtasks');
      await cluster.clock.advance(100);
      const path = await cluster.clock.result(
        takeSavepoint(first.master, '/savepoints', cluster.random),
      );
      first.master.cancel();
      await cluster.end(first);
      const second = cluster.submit(
        program(group),
        { ...configuration, 'parallelism.default': 3 },
        undefined,
        {
          savepointPath: path,
        },
      );
      expect(await cluster.end(second)).toBe('FINISHED');
      expect(first.rows.of('windows')).toEqual([]);
      const { state, windows } = expected();
      expect(sorted(second.rows.of('state').filter(isOfOther))).toEqual(sorted(state));
      expect(sorted(second.rows.of('windows'))).toEqual(sorted(windows));
    },
  );
});
