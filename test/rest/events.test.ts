import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import type { JobId } from '../../engine/core/ids.ts';
import { limits } from '../../engine/core/limits.ts';
import { events } from '../../engine/rest/handlers/events.ts';
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
  startEndpoint([events({ dispatcher: { events: log }, clock })]);

async function read(endpoint: TestEndpoint, lastEventId?: string): Promise<Reader> {
  const socket = endpoint.socket();
  let [text, tail] = ['', ''];
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    tail = (tail + chunk.toString()).slice(-12_000);
  });
  const last = lastEventId === undefined ? '' : `Last-Event-ID: ${lastEventId}\r\n`;
  socket.write(`GET /sluice/v1/events HTTP/1.1\r\nHost: 127.0.0.1:${endpoint.port}\r\n${last}\r\n`);
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
