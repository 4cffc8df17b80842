// Measures the simulation itself: each planted bug, in a process of its own, must be found by some seed. A bug
// that is not found shows what the faults or the invariants lack.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../../engine/core/clock.ts';
import type { PlantedBug } from './planted-bug.ts';

export interface Hunt {
  readonly bug: PlantedBug;
  /** The name of what a run of the seed broke; undefined: not found. */
  readonly violation: string | undefined;
  readonly seed: number;
  readonly seconds: number;
  /** The process went wrong by itself: the table does not fit the engine. */
  readonly error: string | undefined;
}

export interface HuntSettings {
  readonly from: number;
  readonly seedsMax: number;
  /** A seed that takes longer stands still for ever. */
  readonly stillMs: number;
}

const plant = fileURLToPath(new URL('plant.ts', import.meta.url));
const hunter = fileURLToPath(new URL('hunt.ts', import.meta.url));

export function hunt(
  bug: PlantedBug,
  { from, seedsMax, stillMs }: HuntSettings,
  clock: Clock,
): Promise<Hunt> {
  const startMs = clock.monotonic();
  const child = spawn(
    process.execPath,
    ['--no-warnings', '--import', plant, hunter, String(from), String(seedsMax)],
    { env: { ...process.env, SLUICE_PLANTED_BUG: bug.name }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let [text, errors] = ['', ''];
  let [seed, violation] = [from, undefined as string | undefined];
  const still = (): Disposable =>
    clock.after(stillMs, () => {
      violation = 'stands still';
      child.kill('SIGKILL');
    });
  let timer = still();
  child.stderr.on('data', (chunk: Buffer) => {
    errors += String(chunk);
  });
  child.stdout.on('data', (chunk: Buffer) => {
    text += String(chunk);
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const told = JSON.parse(line) as { readonly seed: number; readonly violation?: string };
      seed = told.seed;
      violation = told.violation ?? violation;
    }
    timer[Symbol.dispose]();
    timer = still();
  });
  return new Promise((resolve) => {
    child.once('close', (code) => {
      timer[Symbol.dispose]();
      const seconds = (clock.monotonic() - startMs) / 1_000;
      const isBroken = code !== 0 && violation === undefined;
      // An engine that cannot even begin is found out as well.
      if (code === 1) violation ??= 'crashes';
      const error = isBroken && code !== 1 ? errors.trim() : undefined;
      resolve({ bug, violation, seed, seconds, error });
    });
  });
}

/** A line of the table. */
export function huntLine({ bug, violation, seed, seconds, error }: Hunt): string {
  const found = error ?? (violation === undefined ? 'NOT FOUND' : violation);
  const at = violation === undefined ? '' : String(seed);
  return `${bug.name.padEnd(60)} ${at.padStart(6)} ${seconds.toFixed(1).padStart(7)} s  ${found}`;
}
