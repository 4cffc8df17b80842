// Before any test: the build that tests of real processes run is as new as the sources.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export function setup(): void {
  const script = fileURLToPath(new URL('../cli/build/build.ts', import.meta.url));
  execFileSync(process.execPath, ['--no-warnings', script, '--if-stale'], { stdio: 'inherit' });
}
