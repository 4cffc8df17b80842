// Which processes are there: from /proc on Linux, from ps elsewhere.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** `root` and everything below it, parents first; without those that have ended. */
export async function descendants(root: number): Promise<readonly number[]> {
  const { stdout } = await run('ps', ['-eo', 'pid=,ppid=,stat=']);
  const children = new Map<number, number[]>();
  const alive = new Set<number>();
  for (const line of stdout.trim().split('\n')) {
    const [pid = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
    // A zombie has ended; nobody has asked for its code yet.
    if (/\sZ/.test(line)) continue;
    alive.add(pid);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found: number[] = [];
  const waiting = [root];
  for (const pid of waiting) {
    if (alive.has(pid)) found.push(pid);
    waiting.push(...(children.get(pid) ?? []));
  }
  return found;
}

/** True when none of them is alive. */
export async function areGone(pids: readonly number[]): Promise<boolean> {
  const found = await Promise.all(pids.map((pid) => descendants(pid)));
  return found.every((list) => list.length === 0);
}
