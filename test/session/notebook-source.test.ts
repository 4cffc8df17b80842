import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { NotebookSource } from '../../cli/session/notebook-source.ts';
import { every } from '../../engine/core/clock.ts';
import { systemClock } from '../../engine/core/system-clock.ts';
import { temporaryDirectory } from '../harness/temporary-directory.ts';
import { until } from '../harness/until.ts';

function watched(text: string) {
  const path = join(temporaryDirectory(), 'notebook.ts');
  writeFileSync(path, text);
  const events: string[] = [];
  const source = new NotebookSource(path, systemClock, {
    onText: (read) => void events.push(read),
    onUnreadable: () => void events.push('(unreadable)'),
    onImport: () => void events.push('(import)'),
  });
  onTestFinished(() => source.close());
  source.open();
  const seen = (what: string) => until(() => events.at(-1) === what, `${what} in ${events.join()}`);
  return { path, source, events, seen };
}

test('it is read when it is opened, and when it is written in place', async () => {
  const { path, events, seen } = watched('one');
  expect(events).toEqual(['one']);
  writeFileSync(path, 'two');
  await seen('two');
});

test('it is read when another file is renamed over it, again and again', async () => {
  const { path, seen } = watched('one');
  for (const text of ['two', 'three', 'four']) {
    writeFileSync(`${path}~`, text);
    renameSync(`${path}~`, path);
    await seen(text);
  }
});

test('that an editor empties it before it writes, or takes it away, is not believed', async () => {
  const { path, events, seen } = watched('one');
  writeFileSync(path, '');
  writeFileSync(path, 'two');
  await seen('two');
  rmSync(path);
  writeFileSync(path, 'three');
  await seen('three');
  expect(events).toEqual(['one', 'two', 'three']);
});

test('when it is gone for good, that is said; it is read when it is back', async () => {
  const { path, seen } = watched('one');
  rmSync(path);
  await seen('(unreadable)');
  writeFileSync(path, 'two');
  await seen('two');
});

test('a change of a file that it imports is told', async () => {
  const { path, source, seen } = watched('one');
  const other = join(path, '../lib/other.ts');
  mkdirSync(join(path, '../lib'));
  writeFileSync(other, '1');
  source.watch([other]);
  // The watcher says nothing of when it has begun: written until it is seen.
  let writes = 0;
  const timer = every(systemClock, 50, () => writeFileSync(other, String(writes++)));
  onTestFinished(() => timer[Symbol.dispose]());
  await seen('(import)');
});
