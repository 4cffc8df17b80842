// The demo of the screen in a real pseudo-terminal, bundled as the product is: what a person sees, and what
// is left of it in every way in which it can end.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bundle } from './harness/bundle.ts';
import { areGone } from './harness/processes.ts';
import { MODES_OFF, type Session, type SessionOptions, session } from './harness/session.ts';
import { shell, sttySettings } from './harness/shell.ts';

let demo = '';
let folder = '';
const open: Session[] = [];

beforeAll(async () => {
  demo = await bundle('test/ui/demo.tsx', 'demo');
  folder = mkdtempSync(join(tmpdir(), 'sluice-screen-'));
});

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

afterAll(() => rmSync(folder, { recursive: true }));

function run(options: SessionOptions = {}): Session {
  const started = session([process.execPath, demo], options);
  open.push(started);
  return started;
}

/** The demo started from a shell, which can tell what it leaves behind. */
async function runInShell(options: SessionOptions = {}): Promise<Session> {
  const started = shell(options);
  open.push(started);
  await started.waitFor(/prompt> /);
  started.type(`"${process.execPath}" "${demo}"\r`);
  await started.waitFor(/● running/);
  return started;
}

async function expectGivenBack(at: Session): Promise<void> {
  await at.waitFor(/prompt> $/m);
  expect(await at.modes()).toMatchObject({ ...MODES_OFF, bracketedPaste: expect.anything() });
  expect(await sttySettings(at)).toContain('icanon');
  expect(await sttySettings(at)).toContain('echo');
}

async function pidOfDemo(at: Session): Promise<number> {
  const [, pid] = await at.processes();
  if (pid === undefined) throw new Error('the demo does not run');
  return pid;
}

describe('the screen', () => {
  test('lives in the alternate screen, with its modes on and the cursor hidden', async () => {
    const at = run({ cols: 200, rows: 60 });
    await at.waitFor(/taskmanager-1/);
    expect(await at.modes()).toEqual({
      alternateScreen: true,
      bracketedPaste: true,
      focusReports: true,
      mouse: true,
      cursorHidden: true,
    });
  });

  test.each([
    [80, 24, /1 cells │ 2 plan │ 3 slots/],
    [120, 40, /2 plan │ 3 slots │ 4 checkpoints/],
    [200, 60, /4 checkpoints/],
    [50, 12, /^sluice ●/],
  ])('fits %i columns and %i rows', async (cols, rows, shows) => {
    const at = run({ cols, rows });
    const screen = await at.waitFor(shows);
    expect(screen.split('\n').every((row) => row.length <= cols)).toBe(true);
  });

  test('follows the terminal from size to size while data goes on', async () => {
    const at = run({ cols: 200, rows: 60 });
    await at.waitFor(/4 checkpoints/);
    at.resize(100, 30);
    await at.waitFor(/┬ 2 plan │ 3 slots/);
    at.resize(60, 15);
    await at.waitFor(/1 cells │ 2 plan/);
    at.resize(30, 5);
    await at.waitFor(/^sluice ●/);
    at.resize(200, 60);
    await at.waitFor(/taskmanager-2[\s\S]*\n.* quit *$/);
  });

  test('takes keys, typed fast or one by one, and the mouse', async () => {
    const at = run({ cols: 200, rows: 60 });
    await at.waitFor(/taskmanager-1/);
    at.key('ctrl+j');
    await at.waitFor(/run-cell was asked for/);
    at.type(':cancel\r');
    await at.waitFor(/Cancel "worst airports"\?/);
    at.key('n');
    at.key('f1');
    await at.waitFor(/keys and signs/);
    at.key('j');
    at.key('q');
    at.click(20, 50);
    await at.waitFor(/▌.*(worst|late)/);
  });

  test('uses no colours with NO_COLOR, and ASCII on a console without more', async () => {
    const at = run({ cols: 120, rows: 40, env: { NO_COLOR: '1', LANG: 'C', LC_ALL: 'C' } });
    const screen = await at.waitFor(/\+ 1 cells -/);
    expect(screen).toMatch(/^[\x20-\x7e\n]*$/);
    expect(at.output).not.toMatch(/\x1b\[(?:[\d;]*;)?[34]8;[\d;]*m/);
  });

  test('can be taken as a picture', async () => {
    const at = run({ cols: 120, rows: 40 });
    await at.waitFor(/flights/);
    const svg = await at.svg({ title: 'flights.ts' });
    expect(svg).toContain('textLength');
    expect(svg).toContain('flights.ts</text>');
    writeFileSync(join(folder, 'screen.svg'), svg);
  });
});

describe('the terminal is as before', () => {
  test('after quitting', async () => {
    const at = await runInShell();
    at.key('q');
    await at.waitFor(/Quit and stop the running job\?/);
    at.key('y');
    await expectGivenBack(at);
  });

  test.each(['SIGTERM', 'SIGHUP'] as const)('after %s', async (signal) => {
    const at = await runInShell();
    process.kill(await pidOfDemo(at), signal);
    await expectGivenBack(at);
  });

  test('after two SIGINT from outside', async () => {
    const at = await runInShell();
    const pid = await pidOfDemo(at);
    process.kill(pid, 'SIGINT');
    await at.waitFor(/ctrl\+c again quits/);
    process.kill(pid, 'SIGINT');
    await expectGivenBack(at);
  });

  test('after an exception that nobody caught, which can be read', async () => {
    const at = await runInShell({ env: { FAIL: '1' } });
    await expectGivenBack(at);
    expect(await at.screen()).toContain('the demo fails as it was told');
  });

  test('while it is stopped by ctrl+z, and the screen comes back with fg', async () => {
    const at = await runInShell();
    at.key('ctrl+z');
    await expectGivenBack(at);
    at.type('fg\r');
    await at.waitFor(/1 cells/);
    expect(await at.modes()).toMatchObject({ alternateScreen: true, mouse: true });
    at.key('ctrl+j');
    await at.waitFor(/run-cell was asked for/);
  });

  test('while an editor runs, which gets the keys', async () => {
    const editor = join(folder, 'editor.sh');
    const script =
      '#!/bin/sh\nstty -a > "$0.stty"\nprintf "editing %s: " "$2"\nread line\necho "$line" > "$0.line"\n';
    writeFileSync(editor, script, { mode: 0o755 });
    const at = run({ env: { EDITOR: editor } });
    await at.waitFor(/● running/);
    at.key('e');
    await at.waitFor(/editing flights\.ts:/);
    expect(await at.modes()).toEqual(MODES_OFF);
    at.type('quick\r');
    await at.waitFor(/1 cells/);
    await at.waitFor(/has ended/);
    expect(readFileSync(`${editor}.line`, 'utf8')).toBe('quick\n');
    expect(readFileSync(`${editor}.stty`, 'utf8')).toMatch(/ icanon/);
    at.key('ctrl+j');
    await at.waitFor(/run-cell was asked for/);
  });
});

test('after a signal whoever opened the screen still gets its turn', async () => {
  const report = join(folder, 'signal.json');
  const at = run({ env: { REPORT: report } });
  await at.waitFor(/● running/);
  at.kill('SIGTERM');
  expect(await at.exited).toMatchObject({ code: 143 });
  expect(existsSync(report)).toBe(true);
});

test('killed with SIGKILL it leaves no process behind', async () => {
  const at = run();
  await at.waitFor(/1 cells/);
  const pids = await at.processes();
  expect(pids).toContain(at.pid);
  at.kill('SIGKILL');
  await at.exited;
  expect(await areGone(pids)).toBe(true);
});

describe('the budgets at 200x60 and ten changes a second', () => {
  test('hold for CPU, bytes and commits', async () => {
    const report = join(folder, 'report.json');
    const at = run({ cols: 200, rows: 60, env: { LIMIT_S: '6', REPORT: report } });
    await at.exited;
    const { cpuPercent, bytesPerSecond, bytesPerFrame, commits } = JSON.parse(
      readFileSync(report, 'utf8'),
    ) as Record<string, number>;
    // CPU time, not wall time; the demo's own data and the start of the JIT are in it.
    expect(cpuPercent).toBeLessThan(12);
    expect(bytesPerSecond).toBeLessThan(60_000);
    expect(bytesPerFrame).toBeLessThan(2_500);
    // The last is Ink's own when it is unmounted.
    expect(commits).toBeLessThanOrEqual(1);
  });
});
