// Timers by distinct times, against a sorted list.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeapTimerQueue, type StoredTimer } from '../../engine/state/heap/heap-timer-queue.ts';
import { KeyContext } from '../../engine/state/heap/key-context.ts';
import { TimeHeap } from '../../engine/state/heap/time-heap.ts';

interface Fired {
  readonly key: unknown;
  readonly timeMs: number;
  readonly namespace: string | number;
}

function queueOf() {
  const keys = new KeyContext();
  const queue = new HeapTimerQueue(keys);
  return {
    queue,
    set(key: unknown, timeMs: number, namespace: string | number = 0): void {
      keys.setKey(key);
      queue.register(timeMs, namespace);
    },
    unset(key: unknown, timeMs: number, namespace: string | number = 0): void {
      keys.setKey(key);
      queue.remove(timeMs, namespace);
    },
    poll(upToMs = Number.POSITIVE_INFINITY): Fired | undefined {
      const timer = queue.poll(upToMs);
      return timer === undefined ? undefined : { key: keys.key(), ...timer };
    },
  };
}

/** The same by definition. */
function sortedList() {
  let timers: Fired[] = [];
  const isOther =
    (a: Fired) =>
    (b: Fired): boolean =>
      !Object.is(a.key, b.key) || a.timeMs !== b.timeMs || a.namespace !== b.namespace;
  return {
    set(timer: Fired): void {
      if (timers.every(isOther(timer))) timers.push(timer);
    },
    unset(timer: Fired): void {
      timers = timers.filter(isOther(timer));
    },
    poll(upToMs: number): Fired | undefined {
      const [first] = timers.toSorted((a, b) => a.timeMs - b.timeMs);
      if (first === undefined || first.timeMs > upToMs) return undefined;
      timers = timers.filter(isOther(first));
      return first;
    },
    size: (): number => timers.length,
    nextTimeMs: (): number => Math.min(...timers.map(({ timeMs }) => timeMs)),
  };
}

test('a timer set twice fires once; keys, times and namespaces tell timers apart', () => {
  const { set, queue, poll } = queueOf();
  for (let i = 0; i < 2; i++) {
    set('a', 5);
    set('a', 5, '0');
    set('a', 6);
    set('b', 5);
  }
  expect(queue.size).toBe(4);
  const fired = [poll(), poll(), poll(), poll(), poll()];
  expect(fired.map((one) => one && [one.key, one.timeMs, one.namespace])).toEqual([
    ['a', 5, 0],
    ['a', 5, '0'],
    ['b', 5, 0],
    ['a', 6, 0],
    undefined,
  ]);
});

test('names that look like other names are other timers', () => {
  const { set, queue } = queueOf();
  const pairs: [string | number, unknown][] = [
    [1, 'a'],
    ['1', 'a'],
    [1, 1],
    ['1', 1],
    [11, 'a'],
    [1, '1a'],
    ['1string', 'a'],
    ['', 'stringa'],
    [1, true],
    [1, 'true'],
  ];
  for (const [namespace, key] of pairs) set(key, 5, namespace);
  expect(queue.size).toBe(pairs.length);
});

test('timers that are set and removed while their time fires take part in it', () => {
  const { set, unset, poll } = queueOf();
  for (const key of ['a', 'b', 'c']) set(key, 5);
  expect(poll()?.key).toBe('a');
  unset('b', 5);
  set('a', 5);
  set('d', 5, 'another namespace');
  expect([poll()?.key, poll()?.key, poll()?.key, poll()]).toEqual(['c', 'a', 'd', undefined]);
});

test('a timer that is moved on for ever leaves no trail', () => {
  const { set, unset, queue } = queueOf();
  for (let i = 0; i < 100_000; i++) {
    set('a', i + 10);
    unset('a', i + 9);
  }
  expect(queue.size).toBe(1);
  expect(queue.timesHeld).toBeLessThan(200);
  expect(queue.nextTimeMs()).toBe(100_009);
  expect([...queue.stored()]).toHaveLength(1);
});

test('ten thousand timers of one time fire in the order in which they were set', () => {
  const { set, poll } = queueOf();
  const order = Array.from({ length: 10_000 }, (_, i) => (i * 7_919) % 10_000);
  for (const key of order) set(key, 5);
  expect(order.map(() => poll()?.key)).toEqual(order);
  expect(poll()).toBeUndefined();
});

test('timers agree with a sorted list under random setting, removing and firing', () => {
  const step = fc.record({
    act: fc.constantFrom<'set' | 'unset' | 'poll'>('set', 'set', 'unset', 'poll'),
    key: fc.oneof(fc.constantFrom<unknown>('a', 'b', NaN), fc.nat({ max: 20 })),
    timeMs: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(5), fc.constant(5)),
    namespace: fc.constantFrom<string | number>(0, 0, 0, 1, 'x'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const timers = queueOf();
      const model = sortedList();
      for (const { act, ...timer } of steps) {
        switch (act) {
          case 'set':
            timers.set(timer.key, timer.timeMs, timer.namespace);
            model.set(timer);
            break;
          case 'unset':
            timers.unset(timer.key, timer.timeMs, timer.namespace);
            model.unset(timer);
            break;
          case 'poll':
            expect(timers.poll(timer.timeMs)).toEqual(model.poll(timer.timeMs));
            break;
        }
        expect(timers.queue.size).toBe(model.size());
        expect(timers.queue.nextTimeMs()).toBe(model.nextTimeMs());
      }
    }),
    { numRuns: 300 },
  );
});

test('a snapshot has the timers of its moment, whatever happens while it is written', () => {
  const step = fc.record({
    act: fc.constantFrom<'set' | 'unset' | 'poll' | 'write'>('set', 'unset', 'poll', 'write'),
    key: fc.nat({ max: 12 }),
    timeMs: fc.constantFrom(1, 2, 2, 2, 3),
  });
  const steps = fc.array(step, { maxLength: 60 });
  fc.assert(
    fc.property(steps, steps, (before, after) => {
      const { set, unset, poll, queue } = queueOf();
      const written: string[] = [];
      let rest: Iterator<StoredTimer | undefined> | undefined;
      const write = (): void => {
        const next = rest?.next();
        if (next?.done === false) written.push(JSON.stringify(next.value));
      };
      const acts = { set, unset, poll: (_: number, timeMs: number) => poll(timeMs), write };
      for (const { act, key, timeMs } of before) acts[act](key, timeMs);
      const held = [...queue.freeze().timers()].map((timer) => JSON.stringify(timer));
      rest = queue.freeze().timers();
      for (const { act, key, timeMs } of after) acts[act](key, timeMs);
      for (const _ of held) write();
      expect(new Set(written)).toEqual(new Set(held));
    }),
    { numRuns: 300 },
  );
});

test('a heap gives its times in order, also after some were taken out', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer(), { maxLength: 100 }), (times) => {
      const heap = new TimeHeap();
      for (const time of times) heap.push(time);
      heap.retain((time) => time % 3 !== 0);
      const kept = times.filter((time) => time % 3 !== 0).toSorted((a, b) => a - b);
      for (const time of kept) {
        expect(heap.first()).toBe(time);
        heap.pop();
      }
      expect(heap.first()).toBe(Number.POSITIVE_INFINITY);
    }),
  );
});
