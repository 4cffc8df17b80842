// npm run picture: the demo in a pseudo-terminal, as a person sees it after a while, drawn as an SVG for the
// README. A copy of the notebook is run: the picture changes nothing but itself.

import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { session } from './harness/session.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PICTURE = join(ROOT, 'notebooks/flights.svg');
/** Until the first rows are there and the figures have come to rest. */
const WATCH_MS = 16_000;

const folder = mkdtempSync(join(tmpdir(), 'sluice-picture-'));
cpSync(join(ROOT, 'notebooks'), folder, { recursive: true });
const at = session([process.execPath, '--no-warnings', join(ROOT, '.dist/cli.js'), 'flights.ts'], {
  cols: 126,
  rows: 38,
  cwd: folder,
});
try {
  await at.waitFor(/● running/);
  await sleep(WATCH_MS);
  writeFileSync(PICTURE, await at.svg({ title: 'sluice flights.ts' }));
} finally {
  await at.close();
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`${PICTURE}\n`);
