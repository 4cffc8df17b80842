// npm run chaos -- [--minutes M] [--seed S] [--only-disk]: real processes are killed, stopped and left without room,
// and no record is lost or doubled. Runs itself again in a namespace of its own where the system lets it, on a small
// file system in memory: only so can a disk be really full without anybody's leave.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type ChaosResult, chaos } from './chaos.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    rate: { type: 'string', default: '40000' },
    pause: { type: 'string', default: '4500' },
    /** Nothing but the disk is attacked, under the default restart policy. */
    'only-disk': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    /** Where it works: set when it has a disk of its own. */
    disk: { type: 'string' },
  },
});
const DISK_BYTES = 256 << 20;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

process.exit(values.disk === undefined ? await outside() : await inside(values.disk, true));

/** In a namespace, if there may be one. */
async function outside(): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-chaos-'));
  const mount = `mount -t tmpfs -o size=${DISK_BYTES} tmpfs ${directory}`;
  try {
    if (inNamespace(mount, []) !== 0) {
      if (!values.json) say('no file system may be mounted here: the disk is never full');
      return await inside(directory, false);
    }
    const own = [process.execPath, '--no-warnings', fileURLToPath(import.meta.url)];
    const args = [...own, ...process.argv.slice(2), '--disk', directory];
    return inNamespace(`${mount} && exec "$@"`, args) ?? 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Its exit code; null when it could not be started. */
function inNamespace(script: string, args: readonly string[]): number | null {
  const stdio = args.length === 0 ? 'ignore' : 'inherit';
  return spawnSync('unshare', ['-Urm', 'sh', '-c', script, 'sh', ...args], { stdio }).status;
}

async function inside(directory: string, hasOwnDisk: boolean): Promise<number> {
  const result = await chaos({
    seed: Number(values.seed),
    seconds: Number(values.minutes) * 60,
    recordsPerSecond: Number(values.rate),
    pauseMaxMs: Number(values.pause),
    directory,
    hasOwnDisk,
    onlyDisk: values['only-disk'],
  });
  if (values.json) say(JSON.stringify(result));
  else tell(result);
  const { lost, doubled, wrong, dangling } = result.verdict;
  return lost + doubled + wrong + dangling === 0 && result.state === 'FINISHED' ? 0 : 1;
}

function tell({
  state,
  seconds,
  records,
  restarts,
  attacks,
  recoveries,
  verdict,
}: ChaosResult): void {
  const { kills, stops, fullDisks } = attacks;
  say(`the job is ${state} after ${seconds.toFixed(0)} s and ${restarts} restarts`);
  say(`${kills} kills, ${stops} stops, ${fullDisks} full disks`);
  say(
    `${records} records, ${verdict.rows} rows: ${verdict.lost} records lost, ${verdict.doubled} rows doubled, ` +
      `${verdict.wrong} wrong, ${verdict.dangling} files left prepared`,
  );
  for (const kind of ['kill', 'kill beside a stop', 'stop', 'short stop', 'full disk']) {
    const own = recoveries.filter((one) => one.kind === kind);
    if (own.length === 0) continue;
    const running = own.map(({ toRunningMs }) => toRunningMs);
    const output = own.flatMap(({ toOutputMs }) => toOutputMs ?? []);
    say(
      `${kind}: to RUNNING p50 ${percentile(running, 50)} ms, p95 ${percentile(running, 95)} ms; ` +
        `to the first new file p50 ${percentile(output, 50)} ms, p95 ${percentile(output, 95)} ms (${own.length} measured)`,
    );
  }
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0;
}
