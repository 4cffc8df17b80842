import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('fixtures/evaluate-often.ts', import.meta.url));

test('nothing is left of 1,000 evaluations, and all of the one that is kept', {
  timeout: 120_000,
}, async () => {
  // V8's own cache of compiled texts comes and goes with it: without, what grows is ours.
  const args = ['--no-warnings', '--expose-gc', '--no-compilation-cache', SCRIPT, '1000'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 100_000 });
  const { warm, end, scripts, stack } = JSON.parse(stdout) as Measured;
  // A program that stayed would hold a megabyte; 200 bytes each would be a leak as well.
  expect(end - warm).toBeLessThan(200_000);
  expect(scripts).toBe(1);
  expect(stack).toContain('at flights.ts:4:26\n');
});

interface Measured {
  readonly warm: number;
  readonly end: number;
  readonly scripts: number;
  readonly stack: string;
}
