// A simulated process at its disk is as a real one: few of its calls are under way at once, and those are done
// when it is gone, and what waited behind them is not.

import { expect, test } from 'vitest';
import { SeededRandom } from '../../engine/core/random.ts';
import { MemoryFiles } from '../harness/memory-files.ts';
import { SimulatedClock } from '../harness/simulated-clock.ts';
import { SimulatedProcess } from '../harness/simulated-process.ts';

const LATENCY_MS = 10;

function worldOf(): { clock: SimulatedClock; files: MemoryFiles; random: SeededRandom } {
  const clock = new SimulatedClock();
  const files = new MemoryFiles(clock);
  files.latencyMs = LATENCY_MS;
  return { clock, files, random: new SeededRandom(1) };
}

const write = (process: SimulatedProcess, count: number): void => {
  for (let i = 0; i < count; i++) void process.files.writeFile(`/${i}`, Uint8Array.of(1, 2));
};

test('four calls are under way at once, of all threads of a process together', async () => {
  const world = worldOf();
  const process = new SimulatedProcess('a', world);
  const thread = new SimulatedProcess('a 1', world, process);
  write(process, 3);
  write(thread, 6);
  const seen: number[] = [];
  for (let i = 0; i < 3; i++) {
    await world.clock.advance(LATENCY_MS + 1);
    seen.push(world.files.operations.length);
  }
  expect(seen).toEqual([4, 8, 9]);
});

test('of one that is killed, what is under way is done before it is gone, and nothing else', async () => {
  const world = worldOf();
  const process = new SimulatedProcess('a', world);
  write(process, 6);
  await world.clock.advance(1);
  process.die();
  let isGone = false;
  void process.quiet().then(() => {
    isGone = true;
  });
  await world.clock.advance(LATENCY_MS - 2);
  expect([isGone, world.files.paths]).toEqual([false, []]);
  await world.clock.advance(2);
  expect([isGone, world.files.paths]).toEqual([true, ['/0', '/1', '/2', '/3']]);
  // It died in the middle of them.
  expect(world.files.bytesOf('/0')).toEqual(Uint8Array.of(1));
  await world.clock.advance(100);
  expect(world.files.operations).toHaveLength(4);
});

test('a thread that ends takes what waits for it along, and nothing of others', async () => {
  const world = worldOf();
  const process = new SimulatedProcess('a', world);
  const [one, other] = ['1', '2'].map((name) => new SimulatedProcess(`a ${name}`, world, process));
  if (one === undefined || other === undefined) throw new Error('two threads');
  write(one, 6);
  await world.clock.advance(1);
  void other.files.list('/');
  one.die();
  await world.clock.advance(100);
  expect(world.files.operations).toEqual([...[0, 1, 2, 3].map((i) => `writeFile /${i}`), 'list /']);
});
