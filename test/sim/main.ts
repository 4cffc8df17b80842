// npm run sim -- [--seeds N] [--from SEED]: runs a cluster under virtual time once for each seed, with a job and
// faults that the seed decides, until a run goes wrong: then its seed and faults are printed, and the exit code
// is 1. npm run sim -- --seed S --trace: one run, everything that happens in the order of virtual time.
// npm run sim -- --planted [--only TEXT] [--from-bug N] [--at-once N] [--keep]: the table of planted bugs, each line
// as soon as it is known: the bug's number, its name, the seed that finds it, how long that took, and what the run of
// that seed broke. The seed that found it last is tried first; with --keep the new ones are remembered.

import { parseArgs } from 'node:util';
import { systemClock } from '../../engine/core/system-clock.ts';
import { BUGS } from './planted/bugs.ts';
import { readFoundAt, writeFoundAt } from './planted/found-at.ts';
import { hunt, huntLine } from './planted/planted.ts';
import { type SimulationResult, simulate } from './simulation.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    /** Goes on after a violation. */
    all: { type: 'boolean', default: false },
    planted: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    'from-bug': { type: 'string', default: '1' },
    'at-once': { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
  },
});

const SEEDS = '200';
/** By then each must be found. */
const PLANTED_SEEDS_MAX = 5_000;
/** Far more than a seed takes on a machine that does much else. */
const STILL_MS = 600_000;

const namesOfBugs = BUGS.map(({ name }) => name);

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const succeeded = await run();
process.exit(succeeded ? 0 : 1);

function run(): Promise<boolean> {
  if (values.planted) return runPlanted();
  return values.seed === undefined ? runMany() : runOne(number(values.seed));
}

async function runPlanted(): Promise<boolean> {
  const numbered = BUGS.map((bug, i) => ({ bug, place: i + 1 }));
  const first = number(values['from-bug']);
  const chosen = numbered.filter((one) => one.bug.name.includes(values.only) && one.place >= first);
  const foundAt = readFoundAt();
  const seedsMax = values.seeds === undefined ? PLANTED_SEEDS_MAX : number(values.seeds);
  const settings = { from: number(values.from), seedsMax, stillMs: STILL_MS };
  const left = chosen.values();
  let found = 0;
  const work = async (): Promise<void> => {
    for (const { bug, place } of left) {
      const result = await hunt(bug, { ...settings, first: foundAt[bug.name] }, systemClock);
      say(`${String(place).padStart(3)} ${huntLine(result)}`);
      if (result.violation === undefined) continue;
      found++;
      foundAt[bug.name] = result.seed;
      if (values.keep) writeFoundAt(foundAt, namesOfBugs);
    }
  };
  await Promise.all(Array.from({ length: number(values['at-once']) }, work));
  say(`${found} of ${chosen.length} planted bugs are found`);
  return found === chosen.length;
}

async function runOne(seed: number): Promise<boolean> {
  const result = await simulate(seed, values.trace ? say : undefined);
  describe(result);
  return result.violation === undefined;
}

async function runMany(): Promise<boolean> {
  const [from, count] = [number(values.from), number(values.seeds ?? SEEDS)];
  const startMs = systemClock.monotonic();
  const totals = { counted: 0, faults: 0, checkpoints: 0, restarts: 0, violations: 0 };
  for (let seed = from; seed < from + count; seed++) {
    const result = await simulate(seed);
    totals.counted += result.counts ? 1 : 0;
    totals.faults += result.faults.length;
    totals.checkpoints += result.checkpoints;
    totals.restarts += result.restarts;
    if (result.violation === undefined) continue;
    totals.violations++;
    if (values.all) {
      say(`seed ${seed}: ${result.violation.name}: ${result.violation.text.slice(0, 300)}`);
      continue;
    }
    describe(result);
    say(`npm run sim -- --seed ${seed} --trace shows all of it`);
    return false;
  }
  const seconds = (systemClock.monotonic() - startMs) / 1_000;
  say(
    `${count} seeds, of which ${totals.counted} had 3 faults and a checkpoint between them: ` +
      `${totals.faults} faults, ${totals.checkpoints} checkpoints, ${totals.restarts} restarts, ` +
      `${(count / seconds).toFixed(1)} seeds/s: ${totals.violations === 0 ? 'all is well' : `${totals.violations} violations`}`,
  );
  return totals.violations === 0;
}

function describe({ seed, what, faults, restarts, virtualMs, violation }: SimulationResult): void {
  say(`seed ${seed}: ${what}; ${restarts} restarts, ${virtualMs} virtual ms`);
  for (const { atMs, what: fault } of faults) say(`  ${atMs.toFixed(2).padStart(9)} ${fault}`);
  say(violation === undefined ? '  all is well' : `  ${violation.name}: ${violation.text}`);
}

function number(text: string): number {
  const parsed = Number(text);
  if (Number.isInteger(parsed) && parsed > 0) return parsed;
  process.stderr.write(`${text}: a whole number above 0 is needed\n`);
  process.exit(2);
}
