// The screen on the fixtures, with figures that change ten times a second: to look at, and for the tests of
// the real thing. It reads its settings from the environment: HZ, JOBS=many, FAIL=1 throws after a second,
// REPORT=path writes what it cost at its end, EMPTY=1 stays without data, LIMIT_S ends it.

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { Command } from '../../cli/ui/commands.ts';
import { openScreen } from '../../cli/ui/screen.tsx';
import { createScreenStore } from '../../cli/ui/store.ts';
import { every } from '../../engine/core/clock.ts';
import { systemClock } from '../../engine/core/system-clock.ts';
import { notebook, outputs } from './fixture-notebook.ts';
import { cluster, flightsJob, manyJobs, NOW, restartingJob, taskManager } from './fixtures.ts';

const { env } = process;
const { HZ, JOBS, FAIL, REPORT, EMPTY, LIMIT_S, EDITOR } = env;
const store = createScreenStore(true);
const started = systemClock.now();
const cells = notebook();
const many = JOBS === 'many' ? manyJobs() : [];
let beat = 0;

const screen = openScreen({
  store,
  dispatch,
  stdin: process.stdin,
  stdout: process.stdout,
  clock: systemClock,
  process,
  env,
});

function tick(): void {
  beat++;
  // The fixtures are of one fixed day: shifted to now, so that their ages are right.
  const shift = started - NOW;
  const base = beat % 300 > 280 ? restartingJob() : flightsJob(beat);
  const job = {
    ...base,
    startMs: base.startMs + shift,
    checkpoints: {
      ...base.checkpoints,
      history: base.checkpoints.history.map((one) => ({
        ...one,
        triggerMs: one.triggerMs + shift + Math.floor(beat / 10) * 1_000,
      })),
    },
  };
  const model = cluster([job], [taskManager(1, 4, 4), taskManager(2, 4, 0)]);
  store.update({
    notebook: cells,
    cluster: { ...model, jobs: [job, ...many] },
    outputs: outputs(1_200 + Math.floor(beat / 3)),
  });
}

function say(text: string): void {
  store.update({ notice: { text, severity: 'info', atMs: systemClock.now() } });
}

async function dispatch(command: Command): Promise<void> {
  if (command.kind !== 'open-editor') return say(`${command.kind} was asked for`);
  const editor = EDITOR ?? 'vi';
  await new Promise((resolve) => {
    const child = spawn(editor, [`+${command.line}`, command.path], { stdio: 'inherit' });
    child.on('exit', resolve);
    child.on('error', resolve);
  });
  say(`${editor} has ended`);
}

const hz = Number(HZ ?? 10);
if (EMPTY === undefined) systemClock.after(20, tick);
const timer = hz > 0 && EMPTY === undefined ? every(systemClock, 1_000 / hz, tick) : undefined;
if (FAIL !== undefined) {
  systemClock.after(1_000, () => {
    throw new Error('the demo fails as it was told');
  });
}
const limit = Number(LIMIT_S ?? 0);
// The first second is start-up: the report is about what follows.
let from = { cpu: process.cpuUsage(), ...screen.counters, at: systemClock.monotonic() };
systemClock.after(1_000, () => {
  from = { cpu: process.cpuUsage(), ...screen.counters, at: systemClock.monotonic() };
});
if (limit > 0) systemClock.after(limit * 1_000, () => screen.close());

const end = await screen.done;
timer?.[Symbol.dispose]();
if (REPORT !== undefined) writeFileSync(REPORT, JSON.stringify(report()));
process.exit(end.reason === 'signal' ? 143 : 0);

function report(): object {
  const cpu = process.cpuUsage(from.cpu);
  const seconds = (systemClock.monotonic() - from.at) / 1_000;
  const { frames, bytes, commits } = screen.counters;
  return {
    seconds,
    cpuPercent: (cpu.user + cpu.system) / 10_000 / seconds,
    frames: frames - from.frames,
    bytesPerSecond: (bytes - from.bytes) / seconds,
    bytesPerFrame: (bytes - from.bytes) / Math.max(1, frames - from.frames),
    commits: commits - from.commits,
    rssMb: process.memoryUsage.rss() / 1e6,
  };
}
