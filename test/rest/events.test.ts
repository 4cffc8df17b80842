import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { JobId, OperatorId } from '../../engine/core/ids.ts';
import { limits } from '../../engine/core/limits.ts';
import { events } from '../../engine/rest/handlers/events.ts';
import { JobObservations } from '../../engine/rest/job-observations.ts';
import { EventLog } from '../../engine/runtime/dispatcher/event-log.ts';
import { FakeClock } from '../harness/fake-clock.ts';
import { until } from '../harness/until.ts';
import { startEndpoint, type TestEndpoint } from './endpoint.ts';

interface Reader {
  readonly socket: Socket;
  text(): string;
  /** The last of it: an event of 10 kB and its number. */
  tail(): string;
}

const newEndpoint = (log: EventLog, clock = new FakeClock()): Promise<TestEndpoint> =>
  startEndpoint([events({ dispatcher: { events: log }, clock }, observationsOf(log, clock))]);

const observationsOf = (log: EventLog, clock: FakeClock): JobObservations => {
  const dispatcher = { events: log, states: () => [], details: () => expect.unreachable() };
  return new JobObservations({ dispatcher, clock });
};

async function read(endpoint: TestEndpoint, lastEventId?: string, query = ''): Promise<Reader> {
  const socket = endpoint.socket();
  let [text, tail] = ['', ''];
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    tail = (tail + chunk.toString()).slice(-12_000);
  });
  const last = lastEventId === undefined ? '' : `Last-Event-ID: ${lastEventId}\r\n`;
  const host = `Host: 127.0.0.1:${endpoint.port}`;
  socket.write(`GET /sluice/v1/events${query} HTTP/1.1\r\n${host}\r\n${last}\r\n`);
  await until(() => text.includes(': sluice'), 'the beginning of the stream');
  return { socket, text: () => text, tail: () => tail };
}

const addTo = (log: EventLog, count: number, padding = ''): void => {
  for (let i = 0; i < count; i++)
    log.add({ kind: 'slots', jobId: 'a' as JobId, message: padding }, 1_000 + i);
};

const hasLatest = (reader: Reader, log: EventLog): boolean =>
  reader.tail().includes(`id: ${log.latestId}\n`);

const idsIn = (text: string): number[] =>
  [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

test('an event has a number, a kind, and a time', async () => {
  const log = new EventLog();
  const reader = await read(await newEndpoint(log));
  log.add({ kind: 'taskmanagers' }, 1_000);
  await until(() => reader.text().includes('id: 1'), 'the event');
  expect(reader.text()).toContain(
    'id: 1\nevent: taskmanagers\ndata: {"atMs":1000,"kind":"taskmanagers"}\n\n',
  );
});

test('a reader that says nothing hears what comes from now on', async () => {
  const log = new EventLog();
  addTo(log, 2);
  const reader = await read(await newEndpoint(log));
  addTo(log, 1);
  await until(() => reader.text().includes('id: 3'), 'the event');
  expect(idsIn(reader.text())).toEqual([3]);
});

test('a reader that says what it had last misses nothing and gets nothing twice', async () => {
  const log = new EventLog();
  addTo(log, 5);
  const reader = await read(await newEndpoint(log), '2');
  addTo(log, 1);
  await until(() => reader.text().includes('id: 6'), 'the event');
  expect(idsIn(reader.text())).toEqual([3, 4, 5, 6]);
  expect(reader.text()).not.toContain('missed');
});

test('a reader that comes back too late is told what it has missed', async () => {
  const log = new EventLog();
  addTo(log, limits.eventsKeptMax + 10);
  const reader = await read(await newEndpoint(log), '4');
  await until(() => reader.text().includes(`id: ${log.latestId}\n`), 'the latest event');
  expect(reader.text()).toContain('event: missed\ndata: {"after":4,"firstId":11}\n\n');
  expect(idsIn(reader.text())[0]).toBe(11);
});

test('a reader of an earlier cluster is told that it has missed something', async () => {
  const log = new EventLog();
  addTo(log, 2);
  const reader = await read(await newEndpoint(log), '900');
  await until(() => reader.text().includes('id: 2\n'), 'the latest event');
  expect(reader.text()).toContain('event: missed\ndata: {"after":900,"firstId":1}\n\n');
});

test('a reader that does not read holds nobody up, and has everything when it reads again', async () => {
  const log = new EventLog();
  const endpoint = await newEndpoint(log);
  const slow = await read(endpoint);
  const quick = await read(endpoint);
  slow.socket.pause();
  // 16 MB: more than its socket holds for it.
  for (let round = 0; round < 80; round++) {
    addTo(log, 20, 'x'.repeat(10_000));
    await until(() => hasLatest(quick, log), 'the quick reader');
  }
  slow.socket.resume();
  await until(() => hasLatest(slow, log), 'the slow reader');
  expect(idsIn(slow.text())).toEqual(Array.from({ length: 1_600 }, (_, i) => i + 1));
});

test('a reader that sleeps longer than events are kept is told what it has missed', async () => {
  const log = new EventLog();
  const slow = await read(await newEndpoint(log));
  slow.socket.pause();
  for (let round = 0; round < 2 * limits.eventsKeptMax; round++) addTo(log, 1, 'x'.repeat(2_000));
  slow.socket.resume();
  await until(() => hasLatest(slow, log), 'the latest event');
  const missed = /event: missed\ndata: (.*)\n/.exec(slow.text())?.[1] ?? '{}';
  const { after, firstId } = JSON.parse(missed) as Record<string, number>;
  expect(idsIn(slow.text())).toContain(after);
  expect(idsIn(slow.text())).toContain(firstId);
  expect(idsIn(slow.text())).not.toContain((after ?? 0) + 1);
});

describe('a reader gets', () => {
  const [a, b] = ['a'.repeat(32) as JobId, 'b'.repeat(32) as JobId];

  const kindsFor = async (query: string, lastId = 7): Promise<readonly (string | undefined)[]> => {
    const log = new EventLog();
    const reader = await read(await newEndpoint(log), undefined, query);
    log.add({ kind: 'metrics', jobId: a, vertices: [] }, 1_000);
    log.add({ kind: 'job', jobId: a, state: 'RUNNING' }, 1_000);
    log.add({ kind: 'metrics', jobId: b, vertices: [] }, 1_000);
    log.add({ kind: 'taskmanagers' }, 1_000);
    log.add({ kind: 'sample', jobId: b, operatorId: 'c' as OperatorId, taken: 1, rows: [] }, 1_000);
    log.add({ kind: 'job', jobId: b, state: 'FINISHED' }, 1_000);
    log.add({ kind: 'sample', jobId: a, operatorId: 'c' as OperatorId, taken: 1, rows: [] }, 1_000);
    await until(() => reader.text().includes(`id: ${lastId}\n`), 'the last event for it');
    return [...reader.text().matchAll(/^id: (\d+)\nevent: (\w+)$/gm)].map(([, , kind]) => kind);
  };

  test('what has become of jobs, unless it asks for more', async () => {
    expect(await kindsFor('', 6)).toEqual(['job', 'taskmanagers', 'job']);
  });

  test('the topics that it asks for, in the order in which they came', async () => {
    expect(await kindsFor('?kinds=sample,metrics')).toEqual([
      'metrics',
      'metrics',
      'sample',
      'sample',
    ]);
    expect(await kindsFor('?kinds=state,sample')).toEqual([
      'job',
      'taskmanagers',
      'sample',
      'job',
      'sample',
    ]);
  });

  test('of the jobs that it asks for, and what is of no job', async () => {
    expect(await kindsFor(`?kinds=state,metrics,sample&jobs=${a}`)).toEqual([
      'metrics',
      'job',
      'taskmanagers',
      'sample',
    ]);
  });

  test('a refusal for a topic that there is not', async () => {
    const endpoint = await newEndpoint(new EventLog());
    const { status, text } = await endpoint.ask('/sluice/v1/events?kinds=state,weather');
    expect([status, text]).toEqual([400, expect.stringContaining('(kinds) from value')]);
  });
});

test('measurements push nothing out that has become of a job', async () => {
  const log = new EventLog();
  addTo(log, 3);
  for (let i = 0; i < 2 * limits.eventsKeptMax; i++)
    log.add({ kind: 'metrics', jobId: 'a' as JobId, vertices: [] }, 1_000);
  const reader = await read(await newEndpoint(log), '0');
  await until(() => reader.text().includes('id: 3\n'), 'the latest change');
  expect(reader.text()).not.toContain('missed');
  expect(log.since(0, ['metrics'])).toHaveLength(limits.observationsKeptMax);
});

test('a ping tells from where to resume when all that came was for others', async () => {
  const [log, clock] = [new EventLog(), new FakeClock()];
  const reader = await read(await newEndpoint(log, clock), undefined, '?kinds=checkpoint');
  addTo(log, 4);
  clock.advance(10_000);
  await until(() => reader.text().includes('id: 4\n: ping\n\n'), 'a ping');
});

test('nothing is written for a reader that has gone', async () => {
  const [log, clock] = [new EventLog(), new FakeClock()];
  const reader = await read(await newEndpoint(log, clock));
  expect(clock.timers).toBe(1);
  reader.socket.destroy();
  await until(() => clock.timers === 0, 'the end of its pings');
  addTo(log, 1);
});

test('both ends hear of one another now and then', async () => {
  const clock = new FakeClock();
  const reader = await read(await newEndpoint(new EventLog(), clock));
  clock.advance(10_000);
  await until(() => reader.text().includes(': ping\n\n'), 'a ping');
});
