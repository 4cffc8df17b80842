// What a job says beside its rows reaches whoever runs it: on stderr, each line once.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../harness/temporary-directory.ts';
import { Running } from '../notebooks/run-notebook.ts';

async function talkOf(
  cells: string,
  ...flags: readonly string[]
): Promise<{ talk: string; code: number | null }> {
  const path = join(temporaryDirectory(), 'talk.ts');
  writeFileSync(path, `import { env } from 'sluice';\n${cells}`);
  return new Running(path, flags).ended();
}

const times = (text: string, part: string): number => text.split(part).length - 1;

test('lines that functions write to the console, and those of the program once', async () => {
  const { talk, code } = await talkOf(`
console.log('building');
env.fromSequence(1, 3).map((n) => {
  console.log('saw', n, { half: n / 2 });
  if (n === 2) console.warn('two!\\x1b[2J');
  return n;
}).print();`);
  expect(code).toBe(0);
  expect(times(talk, 'building')).toBe(1);
  for (const n of [1, 2, 3]) expect(times(talk, `Map: saw ${n} { half: ${n / 2} }`)).toBe(1);
  expect(talk).toContain('warning Map: two!\\u{1b}[2J');
});

test('a flood of them is cut, and says how much', async () => {
  const { talk, code } = await talkOf(`
env.fromSequence(1, 100_000).map((n) => {
  console.log('line', n);
  return n;
}).filter((n) => n === 100_000).print();`);
  expect(code).toBe(0);
  const passed = times(talk, 'Map: line ');
  expect(passed).toBeGreaterThan(0);
  expect(passed).toBeLessThan(10_000);
  const cut = [...talk.matchAll(/(\d+) lines were left out/g)].map(([, count]) => Number(count));
  expect(passed + cut.reduce((a, b) => a + b, 0)).toBe(100_000);
});

test('a source tells that it waits for its server, and what to start', async () => {
  const { talk, code } = await talkOf(`env.socket('127.0.0.1', 1, { retries: 1 }).print();`);
  expect(code).toBe(1);
  expect(talk).toMatch(
    /warning Source: socket 127\.0\.0\.1:1: connection refused by 127\.0\.0\.1:1, retry 1 of 1 in .* s; start it with: nc -lk 1/,
  );
  expect(talk).toContain('error talk.ts: connection refused by 127.0.0.1:1 after 1 retries');
});

test('a restart is told', async () => {
  const { talk, code } = await talkOf(`
env.configure({
  'restart-strategy.type': 'fixed-delay',
  'restart-strategy.fixed-delay.attempts': 2,
  'restart-strategy.fixed-delay.delay': '1 ms',
});
env.fromSequence(1, 3).map((n) => {
  throw new Error('no ' + n);
}).print();`);
  expect(code).toBe(1);
  expect(times(talk, 'no 1')).toBeGreaterThanOrEqual(3);
  expect(times(talk, 'it will restart')).toBe(2);
});

test('a job whose slots others use says so and waits for them', async () => {
  const job = 'env.fromSequence(1, 100).print();';
  const flags = ['-p', '2', '-Dslotmanager.number-of-slots.max=2'];
  const { talk, code } = await talkOf(`// %% One\n${job}\n// %% Two\n${job}`, ...flags);
  expect(talk).toContain(
    'warning Two: the job needs 2 slots and the cluster can give it 0; other jobs use 2, and it waits for them',
  );
  expect(times(talk, 'FINISHED')).toBe(2);
  expect(code).toBe(0);
});

test('a job that needs more slots than there can be fails within a moment', async () => {
  const { talk, code } = await talkOf('env.fromSequence(1, 100).print();', '-p', '500');
  expect(talk).toMatch(
    /error talk\.ts: NoSlots: the job needs 500 slots and the cluster can give it \d+/,
  );
  expect(code).toBe(1);
});
