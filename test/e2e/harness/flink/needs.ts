// What a test needs that does not come with the package: a Flink, a JDK, a browser. Where it is missing the
// tests are skipped and the reason is said; where all must be there (SLUICE_REQUIRE_SERVERS=1), they fail.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe } from 'vitest';
import { FLINK_VERSION, flinkHome } from './distribution.ts';

const mustHaveServers = process.env['SLUICE_REQUIRE_SERVERS'] === '1';

/** `describe` where nothing is missing. */
export function describeWith(needs: readonly Need[]): typeof describe | typeof describe.skip {
  const missing = needs.flatMap((need) => need() ?? []);
  if (missing.length === 0) return describe;
  if (mustHaveServers) throw new Error(missing.join('; '));
  process.stderr.write(`\nSKIPPED: ${missing.join('; ')}\n`);
  return describe.skip;
}

/** What is missing, and how to get it. */
type Need = () => string | undefined;

export const flink =
  (version: string = FLINK_VERSION): Need =>
  () =>
    existsSync(flinkHome(version))
      ? undefined
      : `no Flink ${version} at ${flinkHome(version)}: npm run get-flink ${version}`;

export const jdk: Need = () => (runs('javac') ? undefined : 'no javac: install a JDK, 11 or newer');

export const browser: Need = () =>
  existsSync(CHROMIUM) ? undefined : `no ${CHROMIUM}: install the package chromium`;

export const CHROMIUM = '/usr/bin/chromium';

function runs(program: string): boolean {
  try {
    execFileSync(program, ['-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
