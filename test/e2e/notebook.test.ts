// A notebook on the screen as a person has it: the built tool in a pseudo-terminal, a file that an editor
// saves, a TaskManager that is killed; and a terminal that is as it was, however all that ends.

import { renameSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { MODES_OFF, type Session, session } from './harness/session.ts';
import { shell, sttySettings } from './harness/shell.ts';
import { kill, Place, sluice, until } from './harness/tool.ts';

const NOTEBOOK = `import { env } from 'sluice';

// %% Numbers
env.generate((i) => \`first \${i}\`, { ratePerSecond: 50 }).print();
`;

const open: Session[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

function show(place: Place, command: readonly string[] = sluice): Session {
  const at = session([...command, 'notebook.ts'], {
    cols: 120,
    rows: 40,
    cwd: place.folder,
    env: { ...place.environment, NO_COLOR: undefined },
  });
  open.push(at);
  return at;
}

test('a notebook runs, follows its file, survives a kill, and leaves the terminal as it was', async () => {
  const place = new Place();
  const path = place.write('notebook.ts', NOTEBOOK);
  const at = show(place);
  await at.waitFor(/● generator/);
  await at.waitFor(/first \d+/);

  writeFileSync(path, NOTEBOOK.replace('first', 'second'));
  await at.waitFor(/second \d+/);
  writeFileSync(`${path}.new`, NOTEBOOK.replace('first', 'third'));
  renameSync(`${path}.new`, path);
  await at.waitFor(/third \d+/);

  writeFileSync(path, NOTEBOOK.replace('env.generate(', 'env.generate(('));
  await at.waitFor(/4:\d+|line 4|Unexpected token/);
  const shown = Number(/third (\d+)/.exec(await at.screen())?.[1]);
  await at.waitFor(new RegExp(`third (?!${shown}\\b)\\d+`));
  writeFileSync(path, NOTEBOOK);
  await at.waitFor(/first \d+/);

  for (const pid of place.taskManagers()) kill(pid, 'SIGKILL');
  await at.waitFor(/● running ↻1/);
  await at.waitFor(/first \d+/);

  at.resize(80, 24);
  await at.waitFor(/1 cells │ 2 plan/);
  at.resize(120, 40);
  await at.waitFor(/2 plan │ 3 slots │ 4 checkpoints/);

  at.key('q');
  await at.waitFor(/Quit/);
  at.key('y');
  expect((await at.exited).code).toBe(0);
  expect(await at.modes()).toEqual(MODES_OFF);
  expect(await at.screen()).toMatch(/Numbers: RUNNING in [\d.]+ s · .* rows out/);
  expect(await place.leftovers()).toEqual([]);
});

describe('the terminal is given back', () => {
  async function inShell(place: Place, command: readonly string[]): Promise<Session> {
    const at = shell({ cwd: place.folder, env: { ...place.environment, NO_COLOR: undefined } });
    open.push(at);
    await at.waitFor(/prompt> /);
    at.type(`"${command.join('" "')}" notebook.ts\r`);
    await at.waitFor(/first \d+/);
    return at;
  }

  async function expectGivenBack(at: Session): Promise<void> {
    await at.waitFor(/prompt> $/m);
    expect(await at.modes()).toMatchObject({ ...MODES_OFF, bracketedPaste: expect.anything() });
    expect(await sttySettings(at)).toContain('icanon');
    expect(await sttySettings(at)).toContain('echo');
  }

  test.each(['SIGTERM', 'SIGHUP'] as const)('after %s, and nothing is left', async (signal) => {
    const place = new Place();
    place.write('notebook.ts', NOTEBOOK);
    const at = await inShell(place, sluice);
    const [, tool = 0] = await at.processes();
    kill(tool, signal);
    await expectGivenBack(at);
    expect(place.clusters()).toEqual([]);
    await until(() => place.taskManagers().length === 0, 2_000);
  });

  test('by the launcher, where that ran it under another Node and it was killed', async () => {
    const place = new Place();
    place.write('notebook.ts', NOTEBOOK);
    // As under a Node that is too old: the launcher believes it is one.
    const old = place.write(
      'old.cjs',
      `if (!process.env.IS_NEW) { process.env.IS_NEW = '1'; Object.defineProperty(process.versions, 'node', { value: '20.0.0' }); }\n`,
    );
    const at = await inShell(place, [sluice[0], '-r', old, sluice[1]]);
    const [, launcher, tool = 0] = await at.processes();
    expect(launcher).toBeDefined();
    kill(tool, 'SIGKILL');
    await expectGivenBack(at);
    await until(() => place.clusters().length === 0 && place.taskManagers().length === 0, 2_000);
  });
});
