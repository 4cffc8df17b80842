// npm run sim -- [--seeds N] [--from SEED]: runs a cluster under virtual time once for each seed, with a job and
// faults that the seed decides, until a run goes wrong: then its seed and faults are printed, and the exit code
// is 1. npm run sim -- --seed S --trace: one run, everything that happens in the order of virtual time.

import { parseArgs } from 'node:util';
import { systemClock } from '../../engine/core/system-clock.ts';
import { type SimulationResult, simulate } from './simulation.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const succeeded = values.seed === undefined ? await runMany() : await runOne(number(values.seed));
process.exit(succeeded ? 0 : 1);

async function runOne(seed: number): Promise<boolean> {
  const result = await simulate(seed, values.trace ? say : undefined);
  describe(result);
  return result.failure === undefined;
}

async function runMany(): Promise<boolean> {
  const [from, count] = [number(values.from), number(values.seeds)];
  const startMs = systemClock.monotonic();
  let restarts = 0;
  for (let seed = from; seed < from + count; seed++) {
    const result = await simulate(seed);
    restarts += result.restarts;
    if (result.failure === undefined) continue;
    describe(result);
    say(`npm run sim -- --seed ${seed} --trace shows all of it`);
    return false;
  }
  const seconds = (systemClock.monotonic() - startMs) / 1_000;
  say(`${count} seeds, ${restarts} restarts, ${(count / seconds).toFixed(1)} seeds/s: all is well`);
  return true;
}

function describe({ seed, job, faults, restarts, virtualMs, failure }: SimulationResult): void {
  say(`seed ${seed}: ${job}; ${restarts} restarts, ${virtualMs} virtual ms`);
  for (const fault of faults) say(`  ${fault}`);
  say(failure === undefined ? '  all is well' : `  FAILED: ${failure}`);
}

function number(text: string): number {
  const parsed = Number(text);
  if (Number.isInteger(parsed) && parsed > 0) return parsed;
  process.stderr.write(`${text}: a whole number above 0 is needed\n`);
  process.exit(2);
}
