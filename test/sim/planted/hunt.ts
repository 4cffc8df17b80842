// A process with one planted bug (plant.ts has been loaded before): runs seed after seed until one goes wrong, and
// says which. A line of JSON for each seed begun, so that whoever waits knows where it stands still.

import { drawnBy, simulate } from '../simulation.ts';
import { BUGS } from './bugs.ts';

const [from = 1, count = 1] = process.argv.slice(2).map(Number);
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const bug = BUGS.find(({ name }) => name === process.env['SLUICE_PLANTED_BUG']);
for (let seed = from; seed < from + count; seed++) {
  if (bug?.needs?.(drawnBy(seed)) === false) continue;
  say({ seed });
  const { violation } = await simulate(seed);
  if (violation === undefined) continue;
  say({ seed, violation: violation.name });
  break;
}
process.exit(0);
