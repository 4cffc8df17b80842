// Measures the simulation itself: each planted bug, in a process of its own, must be found by some seed. A bug
// that is not found shows what the faults or the invariants lack. The seed that found it last is tried first; one
// that goes wrong without the bug as well shows nothing.

import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  /** Tried before all others; absent: none. */
  readonly first?: number | undefined;
  readonly from: number;
  /** 0: none but the first. */
  readonly seedsMax: number;
  /** A seed that takes longer stands still for ever. */
  readonly stillMs: number;
}

type Found = Pick<Hunt, 'violation' | 'seed' | 'error'>;

const plant = fileURLToPath(new URL('plant.ts', import.meta.url));
const hunter = fileURLToPath(new URL('hunt.ts', import.meta.url));

export async function hunt(bug: PlantedBug, settings: HuntSettings, clock: Clock): Promise<Hunt> {
  const startMs = clock.monotonic();
  const { first, from, seedsMax } = settings;
  const again = first === undefined ? undefined : { ...settings, from: first, seedsMax: 1 };
  let found = again && (await searchSound(bug, again, clock));
  if (found?.violation === undefined && seedsMax > 0)
    found = await searchSound(bug, { ...settings, from }, clock);
  const nothing = { violation: undefined, seed: from, error: undefined };
  return { bug, ...(found ?? nothing), seconds: (clock.monotonic() - startMs) / 1_000 };
}

/** Passes over seeds that go wrong without the bug. */
async function searchSound(
  bug: PlantedBug,
  { from, seedsMax, ...rest }: HuntSettings,
  clock: Clock,
): Promise<Found> {
  for (let next = from; ; ) {
    const left = { ...rest, from: next, seedsMax: from + seedsMax - next };
    const found = await search(bug, left, clock);
    if (found.violation === undefined) return found;
    const alone = await search(undefined, { ...rest, from: found.seed, seedsMax: 1 }, clock);
    if (alone.violation === undefined) return found;
    next = found.seed + 1;
  }
}

/** Seed after seed, until one goes wrong. */
function search(
  bug: PlantedBug | undefined,
  { from, seedsMax, stillMs }: HuntSettings,
  clock: Clock,
): Promise<Found> {
  const planting = bug === undefined ? [] : ['--import', plant];
  const child = spawn(
    process.execPath,
    ['--no-warnings', ...planting, hunter, String(from), String(seedsMax)],
    {
      env: {
        ...process.env,
        SLUICE_PLANTED_BUG: bug?.name ?? '',
        // Hundreds of processes load the same files.
        NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
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
      const isBroken = code !== 0 && violation === undefined;
      // An engine that cannot even begin is found out as well.
      if (code === 1) violation ??= 'crashes';
      const error = isBroken && code !== 1 ? errors.trim() : undefined;
      resolve({ violation, seed, error });
    });
  });
}

/** A line of the table. */
export function huntLine({ bug, violation, seed, seconds, error }: Hunt): string {
  const found = error ?? (violation === undefined ? 'NOT FOUND' : violation);
  const at = violation === undefined ? '' : String(seed);
  return `${bug.name.padEnd(60)} ${at.padStart(6)} ${seconds.toFixed(1).padStart(7)} s  ${found}`;
}
