// The loop of a slot's thread: every task has its turns, and so has the event loop.

import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../engine/core/system-clock.ts';
import { Bell, Doorbell } from '../../engine/network/doorbell.ts';
import { type LoopTask, SlotLoop } from '../../engine/task/slot-loop.ts';
import { turns, until } from '../harness/until.ts';

function running(): { loop: SlotLoop; bell: Bell } {
  const doorbell = new Doorbell();
  const loop = new SlotLoop(systemClock, doorbell);
  void loop.run();
  onTestFinished(() => loop.close());
  return { loop, bell: new Bell(doorbell.memory) };
}

/** Has so much to do, and may then sleep. */
class Worker implements LoopTask {
  left: number;
  turns = 0;
  isEnded = false;
  delayMs: number;

  constructor(left: number, delayMs = Number.POSITIVE_INFINITY) {
    this.left = left;
    this.delayMs = delayMs;
  }

  turn(): boolean {
    this.turns++;
    if (this.left === 0) return false;
    this.left--;
    return true;
  }

  nextDelayMs(): number {
    return this.delayMs;
  }
}

test('tasks take turns until none has anything to do', async () => {
  const { loop } = running();
  const [a, b] = [new Worker(100), new Worker(100)];
  loop.add(a);
  loop.add(b);
  await until(() => a.left === 0 && b.left === 0, 'both are done');
  expect(Math.abs(a.turns - b.turns)).toBeLessThanOrEqual(1);
});

test('a loop at rest is woken from its own thread, by another, and by the time', async () => {
  const { loop, bell } = running();
  const task = new Worker(0);
  loop.add(task);
  await turns(5);
  for (const wake of [() => loop.wake(), () => bell.ring()]) {
    task.left = 3;
    await turns(5);
    expect(task.left).toBe(3);
    wake();
    await until(() => task.left === 0, 'woken');
  }
  task.delayMs = 1;
  loop.wake();
  await turns(2);
  task.left = 1;
  await until(() => task.left === 0, 'woken by the time');
});

test('sockets, files and messages have their turn, whatever tasks want', async () => {
  const { loop } = running();
  // One that never has anything to do and never wants to sleep, and one that always has something.
  const restless = new Worker(0, 0);
  const busy = new Worker(Number.POSITIVE_INFINITY);
  for (const task of [restless, busy]) {
    const turn = task.turn.bind(task);
    task.turn = () => {
      // Else a loop that starves us would run for ever, and this test with it.
      if (task.turns > 5_000_000) loop.close();
      return turn();
    };
    loop.add(task);
    await turns(10);
    task.isEnded = true;
    loop.removeEnded();
    expect(task.turns).toBeLessThan(5_000_000);
  }
});

test('a task that has ended has no turns', async () => {
  const { loop } = running();
  const task = new Worker(0);
  loop.add(task);
  await turns(5);
  task.isEnded = true;
  loop.removeEnded();
  const before = task.turns;
  loop.wake();
  await turns(5);
  expect(task.turns).toBe(before);
});

test('a loop that is closed runs to its end', async () => {
  const doorbell = new Doorbell();
  const loop = new SlotLoop(systemClock, doorbell);
  const run = loop.run();
  await turns(3);
  loop.close();
  await run;
});
