// The queries with a sink that drops their rows: what is measured is the query.

import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loops } from './loops.ts';

const NOTEBOOKS = fileURLToPath(new URL('../../../notebooks/nexmark', import.meta.url));

/** A folder with their notebooks; the caller removes it. */
export function discarding(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-nexmark-'));
  cpSync(NOTEBOOKS, folder, { recursive: true });
  for (const query of Object.keys(loops)) {
    const path = join(folder, `${query}.ts`);
    const text = readFileSync(path, 'utf8').replace('.print()', '.sinkTo(discard())');
    writeFileSync(path, `${text}\nimport { discard } from 'sluice';\n`);
  }
  return folder;
}
