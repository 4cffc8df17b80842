// A process that runs one loop: `loop-main.ts QUERY EVENTS RATE SPLITS`. Prints what it took as JSON.

import { type Event, EventGenerator, splitsOf } from '../../../notebooks/nexmark/generator.ts';
import { loops } from './loops.ts';

const [query = '', events, rate, splits] = process.argv.slice(2);
const loop = loops[query];
if (loop === undefined) throw new Error(`no loop is called ${query}`);

const began = performance.now();
const cpuBefore = process.cpuUsage();
const generators = splitsOf(Number(events), Number(rate), Number(splits)).map(
  (split) => new EventGenerator(split),
);

/** An event of each split in turns, so that their times advance together. */
function next(): Event | undefined {
  for (;;) {
    const generator = generators[turn++ % generators.length];
    const event = generator?.next();
    if (event !== undefined) return event;
    if (generators.length <= 1) return undefined;
    generators.splice((turn - 1) % generators.length, 1);
  }
}

let turn = 0;
let rows = 0;
let last: readonly unknown[] | undefined;
const [only, second] = generators;
loop(second === undefined && only !== undefined ? () => only.next() : next, (row) => {
  rows++;
  last = row;
});
const seconds = (performance.now() - began) / 1_000;
const { user, system } = process.cpuUsage(cpuBefore);
process.stdout.write(
  `${JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, rows, last })}\n`,
);
