// Records that cannot be sent, kept or dealt out fail the job and are named: the operator, the path to what
// stands in the way, the key. Where the two ends of the exchange are decides nothing of it.

import { describe, expect, test } from 'vitest';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { TestProgram } from '../harness/test-jobs.ts';
import { PLACEMENTS, type Placement } from './placements.ts';

class Price {
  readonly cents = 7;
}

/** The message of the failure that the job ends with. */
async function failureOf(
  { cluster: settings }: Placement,
  program: TestProgram,
  configuration: Readonly<Record<string, string>> = {},
): Promise<string> {
  const cluster = new MiniCluster(settings);
  const job = cluster.submit(program, configuration);
  expect(await cluster.end(job)).toBe('FAILED');
  return job.master.scheduler.failures.failures[0]?.error.message ?? '';
}

const COUNT = 3;

/** Of records that a map makes of 0, 1 and 2, with the key k. */
const exchange =
  (group: string, make: (n: number) => object): TestProgram =>
  ({ env }) => {
    env
      .generate((n) => n, { count: COUNT })
      .map(make)
      .name('makes them')
      .keyBy((record) => (record as { readonly k: string }).k)
      .reduce((_, record) => record)
      .slotSharingGroup(group)
      .print('rows');
  };

describe.each(PLACEMENTS)('an exchange $where', (placement) => {
  const { group } = placement;

  test.each([
    ['a function', (n: number) => n, 'a function'],
    ['a symbol', Symbol('s'), 'a symbol'],
    ['an instance of a class', new Price(), 'an instance of Price'],
    ['a promise', Promise.resolve(1), 'an instance of Promise'],
  ])(
    'refuses %s, with the path to it, the record, the key and the operator',
    async (_, bad, what) => {
      const make = (n: number): object => ({
        k: 'kay',
        n,
        items: [1, { price: n === 2 ? bad : n }],
      });
      const message = await failureOf(placement, exchange(group, make));
      expect(message).toContain(`${what}`);
      expect(message).toContain(
        ' at .items[1].price cannot be stored or sent: the record {"k":"kay"',
      );
      expect(message).toContain(', with the key "kay"');
      expect(message).toContain('in operator "makes them"');
    },
  );

  test.each([
    ['an object', { id: 1 }, 'an object (Object)'],
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['a symbol', Symbol('s'), 'symbol'],
    ['a function', () => 1, 'function'],
    ['a Map', new Map(), 'an object (Map)'],
    ['an invalid Date', new Date(Number.NaN), 'an invalid Date'],
    ['a tuple with an object', ['a', {}], 'an object (Object) (element 1)'],
  ])('refuses %s as key, with the record', async (_, bad, what) => {
    const program: TestProgram = ({ env }) => {
      env
        .generate((n) => ({ n }), { count: COUNT })
        .keyBy(({ n }) => (n === 2 ? bad : n) as unknown as string)
        .reduce((_, record) => record)
        .slotSharingGroup(group)
        .print('rows');
    };
    const message = await failureOf(placement, program);
    expect(message).toContain(`keyBy gave ${what} for the record {"n":2}`);
  });

  test('takes a record that is longer than all of its buffers, and gives it as it was', async () => {
    // A ring of theirs holds 1 MiB.
    const text = '0123456789abcdef'.repeat(150_000);
    const cluster = new MiniCluster(placement.cluster);
    const job = cluster.submit(({ env }) => {
      env
        .generate((n) => ({ k: n % 2, text: `${n}${text}` }), { count: 4 })
        .keyBy(({ k }) => k)
        .map((record) => [record.k, record.text.slice(0, 1), record.text.slice(1) === text])
        .slotSharingGroup(group)
        .print('rows');
    });
    expect(await cluster.end(job)).toBe('FINISHED');
    expect(job.rows.of('rows')).toEqual([0, 1, 2, 3].map((n) => [n % 2, `${n}`, true]));
  });
});

test.each(PLACEMENTS.slice(1))(
  'a record that is longer than it may be fails its sender $where',
  async (placement) => {
    const make = (n: number): object => ({
      k: `key ${n}`,
      text: 'x'.repeat(n === 2 ? 200_000 : 1),
    });
    const message = await failureOf(placement, exchange(placement.group, make), {
      'pipeline.max-record-size': '100 kb',
    });
    expect(message).toMatch(
      /^a record of 2000\d\d bytes, where 102400 may be sent \(pipeline\.max-record-size\): the record /,
    );
    expect(message).toContain(', with the key "key 2"');
    expect(message).toContain('in operator "makes them"');
  },
);

test('what cannot be kept in state is refused with the path to it', async () => {
  const [inOneSlot] = PLACEMENTS;
  const program: TestProgram = ({ env, value }) => {
    const kept = value<unknown>({ name: 'kept' });
    env
      .generate((n) => n, { count: COUNT })
      .keyBy((n) => n)
      .process({
        process: (n, ctx) => ctx.state(kept).update({ deep: [() => n] }),
      })
      .name('keeps')
      .print('rows');
  };
  const message = await failureOf(inOneSlot as Placement, program);
  expect(message).toContain('at .deep[0] cannot be stored or sent');
  expect(message).toContain('in operator "keeps"');
});
