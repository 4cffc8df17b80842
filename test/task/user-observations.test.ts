import { describe, expect, test } from 'vitest';
import { accumulatorText, mergedAccumulators } from '../../engine/core/accumulators.ts';
import { UserObservations } from '../../engine/task/user-observations.ts';
import { FakeClock } from '../harness/fake-clock.ts';

function observations() {
  const clock = new FakeClock();
  let firsts = 0;
  const all = new UserObservations(clock, () => {
    firsts++;
  });
  const values = () =>
    Object.fromEntries((all.read()?.metrics ?? []).map(({ name, value }) => [name, value]));
  return { all, clock, values, firsts: () => firsts };
}

describe('metrics of functions', () => {
  test('are nothing until one is asked for, which is told once', () => {
    const { all, firsts } = observations();
    expect([all.read(), firsts()]).toEqual([undefined, 0]);
    all.metricsOf('Map').counter('a').inc();
    all.metricsOf('Map').counter('b').inc();
    all.accumulators.counter('c').add();
    expect(firsts()).toBe(1);
  });

  test('a counter goes up and down, and is the same wherever it is asked for', () => {
    const { all, values } = observations();
    const group = all.metricsOf('Map');
    group.counter('open').inc(5);
    group.counter('open').dec();
    expect([group.counter('open').count, values()]).toEqual([4, { open: 4 }]);
  });

  test('a gauge is read when somebody looks; whole numbers, others and texts keep their kind', () => {
    const { all, values } = observations();
    let value: number | string | boolean = 1;
    all.metricsOf('Map').gauge('g', () => value);
    expect(values()).toEqual({ g: 1 });
    value = 1.5;
    expect(values()).toEqual({ g: { double: 1.5 } });
    value = true;
    expect(values()).toEqual({ g: 'true' });
  });

  test('a gauge that throws is left out, and harms nobody', () => {
    const { all, values } = observations();
    all.metricsOf('Map').gauge('bad', () => {
      throw new Error('no');
    });
    all.metricsOf('Map').counter('good').inc();
    expect(values()).toEqual({ good: 1 });
  });

  test('groups are named before what is in them', () => {
    const { all, values } = observations();
    all.metricsOf('Map').group('orders').group('eu').counter('open').inc();
    expect(values()).toEqual({ 'orders.eu.open': 1 });
  });

  test('a meter has the rate of the last minute', () => {
    const { all, clock, values } = observations();
    const meter = all.metricsOf('Map').meter('m');
    for (let second = 0; second < 120; second++) {
      meter.mark(second < 60 ? 10 : 30);
      clock.advance(1_000);
      values();
    }
    expect((values()['m'] as { double: number }).double).toBeCloseTo(30, 0);
  });

  test('a histogram has the statistics of its last values', () => {
    const { all, values } = observations();
    const histogram = all.metricsOf('Map').histogram('h', { window: 100 });
    for (let i = -50; i <= 100; i++) histogram.update(i);
    const read = values() as Record<string, { double: number }>;
    const of = (name: string): number | undefined => read[`h${name}`]?.double;
    expect([of('_min'), of('_max'), of('_mean'), of('_median')]).toEqual([1, 100, 50.5, 50.5]);
    expect([of('_p75'), of('_p99')]).toEqual([75.75, 99.99]);
    expect(of('_stddev')).toBeCloseTo(29.011, 3);
    expect(Object.keys(read)).toHaveLength(11);
  });

  test('one name for two kinds is refused, and so are metrics without end', () => {
    const { all } = observations();
    const group = all.metricsOf('Map');
    group.counter('a');
    expect(() => group.meter('a')).toThrow('metric "a" is a counter already, no meter');
    for (let i = 1; i < 1_000; i++) group.counter(`c${i}`);
    expect(() => group.counter('more')).toThrow('"more" would be metric 1001 of this subtask');
  });
});

describe('accumulators', () => {
  const of = (add: (all: UserObservations['accumulators']) => void) => {
    const { all } = observations();
    add(all.accumulators);
    return all.read()?.accumulators ?? [];
  };
  const texts = (...subtasks: ReturnType<typeof of>[]) =>
    [...mergedAccumulators(subtasks.flat())].map(([name, value]) => [
      name,
      value && accumulatorText(value),
    ]);

  test('of several subtasks become one, written as Java writes them', () => {
    const subtask = (n: number) =>
      of((all) => {
        all.counter('seen').add(n);
        all.counter('seen').add();
        all.double('sum').add(0.5);
        all.average('mean').add(n);
        all.minimum('least').add(n);
        all.maximum('most').add(n * 1e7);
        all.histogram('keys').add(n);
        all.histogram('keys').add(0);
      });
    expect(texts(subtask(2), subtask(4))).toEqual([
      ['keys', '{0=2, 2=1, 4=1}'],
      ['least', '2.0'],
      ['mean', '3.0'],
      ['most', '4.0E7'],
      ['seen', '8'],
      ['sum', '1.0'],
    ]);
  });

  test('one name for two kinds has no value', () => {
    const [one, other] = [
      of((all) => all.counter('a').add()),
      of((all) => all.average('a').add(1)),
    ];
    expect(texts(one, other)).toEqual([['a', undefined]]);
    expect(texts(one, other, one)).toEqual([['a', undefined]]);
    expect(() =>
      of((all) => {
        all.counter('a').add();
        all.histogram('a').add(1);
      }),
    ).toThrow('accumulator "a" is a LongCounter already, no Histogram');
  });

  test('a histogram of ever new numbers is refused', () => {
    expect(() =>
      of((all) => {
        for (let i = 0; i <= 10_000; i++) all.histogram('h').add(i);
      }),
    ).toThrow('has counted 10001 different numbers');
  });
});
