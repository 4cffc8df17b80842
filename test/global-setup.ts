// Before any test: the build that tests of real processes run is as new as the sources, and where all servers
// must be there (SLUICE_REQUIRE_SERVERS=1), so is the Flink that they meet.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FLINK_VERSIONS, fetchFlink } from './e2e/harness/flink/distribution.ts';

export async function setup(): Promise<void> {
  const script = fileURLToPath(new URL('../cli/build/build.ts', import.meta.url));
  execFileSync(process.execPath, ['--no-warnings', script, '--if-stale'], { stdio: 'inherit' });
  // Without it only its own tests fail, and say so.
  if (process.env['SLUICE_REQUIRE_SERVERS'] === '1') {
    for (const version of FLINK_VERSIONS) {
      await fetchFlink(version).catch((error: unknown) => {
        process.stderr.write(`no Flink ${version} could be fetched: ${String(error)}\n`);
      });
    }
  }
}
