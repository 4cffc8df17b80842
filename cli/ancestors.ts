// Whether those who started us are still there. npm and npx pass SIGTERM on to nobody, and SIGKILL they
// cannot: when they die, their shell or we are left with another parent. Between npm and us stands a shell,
// and the launcher where that runs us under another Node.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type Clock, delay } from '../engine/core/clock.ts';

const LOOK_MS = 250;
/** Where asking takes a process of its own. */
const SLOW_LOOK_MS = 1_000;

/** Resolves when the line of parents up to npm is no longer what it was. */
export async function ancestorGone(clock: Clock): Promise<void> {
  const depth = process.env['SLUICE_LAUNCHER'] === String(process.ppid) ? 3 : 2;
  const before = await ancestors(depth);
  const lookMs = process.platform === 'linux' ? LOOK_MS : SLOW_LOOK_MS;
  for (;;) {
    await delay(clock, lookMs);
    if ((await ancestors(depth)).join() !== before.join()) return;
  }
}

/** Our parent, its parent, …; shorter where one is gone. */
async function ancestors(depth: number): Promise<readonly number[]> {
  const line = [process.ppid];
  while (line.length < depth) {
    const parent = await parentOf(line.at(-1) ?? 0);
    if (parent === undefined) break;
    line.push(parent);
  }
  return line;
}

async function parentOf(pid: number): Promise<number | undefined> {
  try {
    if (process.platform !== 'linux') {
      const { stdout } = await promisify(execFile)('ps', ['-o', 'ppid=', '-p', String(pid)]);
      return Number(stdout);
    }
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    // A command's name may hold spaces and parentheses: state and parent come after the last one.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined; // gone, or not ours to ask
  }
}
