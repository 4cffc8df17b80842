// What Linux says of a process; undefined where there is no /proc, or when the process has ended.

import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** User and system time. */
export function cpuSecondsOf(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // Behind the command's name, which may hold anything, they are fields 12 and 13.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export function peakRssBytesOf(pid: number): number | undefined {
  const status = read(`/proc/${pid}/status`);
  return status === undefined ? undefined : Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

export function commandLineOf(pid: number): string | undefined {
  return read(`/proc/${pid}/cmdline`);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
