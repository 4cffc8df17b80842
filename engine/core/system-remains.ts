// Directories that a process has to itself, named after its number: those of processes that were killed are swept by
// whoever comes next.

import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Of names that begin with that prefix and the number of a process. */
export function sweepRemains(parent: string, prefix: string): void {
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(prefix)
      ? Number.parseInt(name.slice(prefix.length), 10)
      : Number.NaN;
    if (pid > 0 && !isAlive(pid)) rmSync(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is somebody else's, and lives.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
