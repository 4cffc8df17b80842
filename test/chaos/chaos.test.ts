// Half a minute of `npm run chaos`: it is known by what is left when a process dies that no other test kills.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { ChaosResult } from './chaos.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const run = promisify(execFile);

test('no record is lost or doubled while processes are killed and stopped', async () => {
  const args = ['--no-warnings', main, '--minutes', '0.5', '--seed', '5', '--json'];
  const { stdout } = await run(process.execPath, args);
  const { state, attacks, restarts, verdict } = JSON.parse(stdout) as ChaosResult;
  expect(state).toBe('FINISHED');
  expect(verdict).toEqual({ rows: 12_000, lost: 0, doubled: 0, wrong: 0, dangling: 0 });
  // Else it would prove nothing.
  expect(attacks.kills).toBeGreaterThan(2);
  expect(restarts).toBeGreaterThan(2);
}, 240_000);
