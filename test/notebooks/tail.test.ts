// A log that grows, is rotated as logrotate does it, and grows on; then an interrupt, as from a terminal.

import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../harness/temporary-directory.ts';
import { notebook, Running, run } from './run-notebook.ts';

const LEVELS = ['INFO', 'warn', 'ERROR', 'note', 'debug'];
const logLines = (from: number, to: number): readonly string[] =>
  Array.from(
    { length: to - from },
    (_, i) => `line ${from + i}: ${LEVELS[(from + i) % LEVELS.length]}`,
  );
const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

test.each(['1', '2'])(
  'with parallelism %s each line is told once, over a rotation',
  async (parallelism) => {
    const path = join(temporaryDirectory(), 'app.log');
    writeFileSync(path, textOf(logLines(0, 10)));
    const tail = new Running(notebook('tail.ts'), [
      '--set',
      `path=${path}`,
      '--set',
      'all=true',
      '-p',
      parallelism,
    ]);
    await tail.until(2 * 10);

    appendFileSync(path, textOf(logLines(10, 20)));
    await tail.until(2 * 20);

    appendFileSync(path, textOf(logLines(20, 30)));
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, textOf(logLines(30, 35)));
    writeFileSync(path, textOf(logLines(35, 50)));
    await tail.until(2 * 50);

    tail.interrupt();
    expect((await tail.ended()).code).toBe(130);
    expect(tail.valuesOf('Lines')).toEqual(logLines(0, 50));
    const counted = Map.groupBy(
      tail.valuesOf('Lines by level') as [string, number][],
      ([level]) => level,
    );
    const numbers = [...counted].map(([level, all]) => [level, all.map(([, count]) => count)]);
    const oneToTen = Array.from({ length: 10 }, (_, i) => i + 1);
    expect(Object.fromEntries(numbers)).toEqual({
      info: oneToTen,
      warn: oneToTen,
      error: oneToTen,
      debug: oneToTen,
      other: oneToTen,
    });
  },
);

test('only lines that match are told', async () => {
  const path = join(temporaryDirectory(), 'app.log');
  writeFileSync(path, textOf(logLines(0, 10)));
  const tail = new Running(notebook('tail.ts'), [
    ...['--cell', 'Lines', '--set', `path=${path}`, '--set', 'all=true', '--set', 'match=Error'],
  ]);
  await tail.until(2);
  tail.interrupt();
  await tail.ended();
  expect(tail.valuesOf('Lines')).toEqual(['line 2: ERROR', 'line 7: ERROR']);
});

test('without a file it says how to name one', async () => {
  await expect(run(notebook('tail.ts'))).rejects.toThrow(
    /exit code 4:\n.*tail\.ts:\d+:\d+: which file\? Name one: --set path=\/var\/log\/syslog/,
  );
});
