import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';

const SCRIPT = fileURLToPath(new URL('fixtures/bundle-once.ts', import.meta.url));

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test.each([
  ['is stopped', 'stop'],
  ['is forgotten', 'forget'],
])(
  'no process is left behind, nor kept alive, when the bundler %s',
  { timeout: 40_000 },
  async (_how, argument) => {
    // Resolves only when the process has ended by itself, with exit code 0.
    const args = ['--no-warnings', SCRIPT, argument];
    const options = { timeout: 20_000, killSignal: 'SIGKILL' } as const;
    const { stdout } = await promisify(execFile)(process.execPath, args, options);
    const { status, processes } = JSON.parse(stdout) as { status: string; processes: number[] };
    expect(status).toBe('compiled');
    expect(processes).toHaveLength(1);
    await vi.waitFor(() => expect(processes.filter(isAlive)).toEqual([]), { timeout: 10_000 });
  },
);
