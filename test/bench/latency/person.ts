// How long a person waits: from the exec of the built entry to the first whole frame and to the first row,
// and from a save to the first record of the new code. Seen from outside, in a pseudo-terminal; a bare
// `node -e 0` of the same run stands beside it. The time of a record is the one that its new code reads.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Session, session } from '../../e2e/harness/session.ts';
import { type Case, quantiles } from '../report.ts';

const CLI = fileURLToPath(new URL('../../../.dist/cli.js', import.meta.url));
const STARTS = 20;
const EDITS = 50;
/** So that an edit meets a cluster that has come to rest. */
const REST_MS = 700;

const notebook = (
  version: number,
): string => `import { env, seconds, tumbling, watermarks } from 'sluice';

// %% Ticks
const ticks = env
  .generate((i) => ({ key: 0, time: i }), { ratePerSecond: 2_000 })
  .withWatermarks(watermarks.monotonous(), (t) => t.time);

// %% Count
ticks
  .map((t) => ({ ...t, seen: Date.now() }))
  .keyBy((t) => t.key)
  .window(tumbling({ size: seconds(0.05) }))
  .reduce((a, b) => (a.seen < b.seen ? a : b))
  .map((t) => \`v${version} \${t.seen}\`)
  .print();
`;

export async function person(): Promise<readonly Case[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-latency-'));
  const file = join(folder, 'notebook.ts');
  try {
    return [...(await starts(file)), ...(await edits(file))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function starts(file: string): Promise<readonly Case[]> {
  const [frames, rows, bare]: [number[], number[], number[]] = [[], [], []];
  for (let i = -1; i < STARTS; i++) {
    writeFileSync(file, notebook(1));
    const nodeMs = timeOf(() => execFileSync(process.execPath, ['-e', '0']));
    const began = performance.now();
    const at = open(file);
    try {
      const frame = at.whenShown(/Ticks[\s\S]*Count[\s\S]*quit/);
      const row = at.whenShown(/ v1 \d{13}/);
      const [frameMs, rowMs] = [(await frame) - began, (await row) - began];
      if (i < 0) continue; // the first one fills the file cache
      frames.push(frameMs);
      rows.push(rowMs);
      bare.push(nodeMs);
    } finally {
      await at.close();
    }
  }
  const baseline = { name: 'node -e 0', figures: quantiles(bare) };
  return [
    { name: 'exec → first frame', unit: 'ms', figures: quantiles(frames), baseline, goal: 400 },
    { name: 'exec → first row', unit: 'ms', figures: quantiles(rows), baseline, goal: 1_500 },
  ];
}

async function edits(file: string): Promise<readonly Case[]> {
  const [processed, shown, bare]: [number[], number[], number[]] = [[], [], []];
  writeFileSync(file, notebook(1));
  const at = open(file);
  try {
    await at.waitFor(/ v1 \d{13}/);
    for (let version = 2; version < EDITS + 2; version++) {
      await sleep(REST_MS);
      bare.push(timeOf(() => execFileSync(process.execPath, ['-e', '0'])));
      const row = at.whenShown(new RegExp(` v${version} \\d{13}`));
      const [savedMs, began] = [Date.now(), performance.now()];
      writeFileSync(file, notebook(version));
      shown.push((await row) - began);
      processed.push(firstSeen(await at.screen(), version) - savedMs);
    }
  } finally {
    await at.close();
  }
  const baseline = { name: 'node -e 0', figures: quantiles(bare) };
  return [
    {
      name: 'save → first record of the new code',
      unit: 'ms',
      figures: quantiles(processed),
      baseline,
      goal: 100,
    },
    { name: 'save → its row on the screen', unit: 'ms', figures: quantiles(shown), baseline },
  ];
}

function open(file: string): Session {
  return session([process.execPath, '--no-warnings', CLI, file], { cols: 120, rows: 34 });
}

function firstSeen(screen: string, version: number): number {
  const times = [...screen.matchAll(new RegExp(` v${version} (\\d{13})`, 'g'))].map(([, ms]) =>
    Number(ms),
  );
  return Math.min(...times);
}

function timeOf(what: () => unknown): number {
  const began = performance.now();
  what();
  return performance.now() - began;
}
