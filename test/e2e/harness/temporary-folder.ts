// A folder for all tests of a file, removed after the last.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sluice-e2e-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
