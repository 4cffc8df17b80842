// Where the built entry of a process or worker is. The one place that knows, for sources that run as they
// are (in tests) and for built ones: both start the build.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type EntryName =
  | 'jobmanager'
  | 'taskmanager'
  | 'slot'
  | 'program'
  | 'program-worker'
  | 'types';

/** An absolute path. */
export function entryPath(name: EntryName): string {
  return join(distDirectory(), `${name}.js`);
}

/** Where package.json is, the notebooks and all else that is published. */
export const packageRoot: string = dirname(distDirectory());

function distDirectory(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  // Built code stands in `.dist/` itself; sources two folders below its parent.
  return existsSync(join(here, '.stamp')) || existsSync(join(here, 'slot.js'))
    ? here
    : join(here, '../../.dist');
}
