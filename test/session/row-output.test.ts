import { expect, test } from 'vitest';
import { RowOutput, type RowSource } from '../../cli/run/output.ts';

const source = (more: Partial<RowSource> = {}): RowSource => ({
  job: 'A',
  sink: 'print',
  label: '',
  subtask: 0,
  parallelism: 1,
  ...more,
});

function printed(settings: { json?: boolean; eager?: boolean; ordered?: boolean } = {}) {
  const lines: string[] = [];
  const write = (text: string): void => {
    for (const line of text.split('\n').slice(0, -1)) lines.push(line);
  };
  const output = new RowOutput({ json: false, eager: false, ordered: false, write, ...settings });
  return { output, lines };
}

test('a row is printed when it is committed, and never when it is withdrawn', () => {
  const { output, lines } = printed();
  const lane = output.add(source());
  lane.onRows(['1', '2', '3'], true);
  expect(lines).toEqual([]);
  lane.onWithdrawn(1);
  lane.onCommitted(1);
  lane.onRows(['4'], true);
  lane.onCommitted(2);
  expect(lines).toEqual(['1', '2', '4']);
  expect(lane.printed()).toBe(3);
});

test('with eager a row is printed at once, and once', () => {
  const { output, lines } = printed({ eager: true });
  const lane = output.add(source());
  lane.onRows(['1'], true);
  lane.onCommitted(1);
  expect(lines).toEqual(['1']);
});

test('ordered, rows of a later source wait until those before it have ended', () => {
  const { output, lines } = printed({ ordered: true });
  const [first, second] = [output.add(source()), output.add(source({ job: 'B' }))];
  second.onRows(['"b"'], false);
  first.onRows(['"a1"'], false);
  second.end();
  first.onRows(['"a2"'], false);
  expect(lines).toEqual(['a1', 'a2']);
  first.end();
  expect(lines).toEqual(['a1', 'a2', 'b']);
});

test('too many rows that wait give the order up, and none is lost', () => {
  const { output, lines } = printed({ ordered: true });
  output.add(source());
  const second = output.add(source({ job: 'B' }));
  const rows = Array.from({ length: 20_001 }, (_, i) => String(i));
  second.onRows(rows, false);
  expect(lines).toEqual(rows);
});

test('what stands before a row tells its sink and its subtask', () => {
  const { output, lines } = printed();
  output.add(source({ subtask: 1, parallelism: 2 })).onRows(['1'], false);
  output.add(source({ label: 'out' })).onRows(['1'], false);
  output.add(source({ label: 'out', subtask: 1, parallelism: 2 })).onRows(['"x"'], false);
  expect(lines).toEqual(['2> 1', 'out:> 1', 'out:2> x']);
});

test('as JSON a row is a line that names job, sink and subtask, whatever they hold', () => {
  const { output, lines } = printed({ json: true });
  output.add(source({ job: 'a "b"\n', subtask: 1, parallelism: 2 })).onRows(['{"n":1}'], false);
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    { job: 'a "b"\n', sink: 'print', subtask: 1, value: { n: 1 } },
  ]);
});

test('a checkpoint may commit more rows than a call takes arguments', () => {
  const { output, lines } = printed({ ordered: true });
  output.add(source());
  const second = output.add(source({ job: 'B' }));
  const rows = Array.from({ length: 300_000 }, (_, i) => String(i));
  for (let from = 0; from < rows.length; from += 1_000)
    second.onRows(rows.slice(from, from + 1_000), true);
  second.onCommitted(rows.length);
  expect(lines).toEqual(rows);
});
