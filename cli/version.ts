// Which sluice this is: package.json says so.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../engine/entrypoint/entries.ts';

export const VERSION: string = (
  JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    readonly version: string;
  }
).version;
