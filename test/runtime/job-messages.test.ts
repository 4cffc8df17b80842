import { expect, test } from 'vitest';
import { limits } from '../../engine/core/limits.ts';
import { silentLogger } from '../../engine/core/logger.ts';
import { JobMessages } from '../../engine/runtime/jobmaster/job-messages.ts';
import { FakeClock } from '../harness/fake-clock.ts';

const said = (text: string) => ({ level: 'info', source: 'Map', text }) as const;

test('messages are numbered and asked for by number', async () => {
  const messages = new JobMessages(new FakeClock(), silentLogger);
  messages.add(said('a'));
  messages.add(said('b'));
  expect(await messages.since(0, 0)).toMatchObject({
    messages: [
      { number: 0, text: 'a' },
      { number: 1, text: 'b' },
    ],
    next: 2,
    isLast: false,
  });
  expect((await messages.since(1, 0)).messages).toMatchObject([{ text: 'b' }]);
  expect((await messages.since(2, 0)).messages).toEqual([]);
});

test('who waits is answered by the next message, by the end of the job, and when the time is up', async () => {
  const clock = new FakeClock();
  const messages = new JobMessages(clock, silentLogger);
  const news = messages.since(0, 1_000);
  messages.add(said('now'));
  expect((await news).messages).toMatchObject([{ text: 'now' }]);

  const none = messages.since(1, 1_000);
  clock.advance(1_000);
  expect(await none).toEqual({ messages: [], next: 1, isLast: false });

  const last = messages.since(1, 1_000);
  messages.end();
  expect(await last).toEqual({ messages: [], next: 1, isLast: true });
});

test('only the latest are kept, and the numbers show what is gone', async () => {
  const messages = new JobMessages(new FakeClock(), silentLogger);
  const count = 5 * limits.jobMessagesMax;
  for (let i = 0; i < count; i++) messages.add(said(String(i)));
  const { messages: kept, next } = await messages.since(0, 0);
  expect(next).toBe(count);
  expect(kept.length).toBeLessThanOrEqual(2 * limits.jobMessagesMax);
  expect(kept.length).toBeGreaterThanOrEqual(limits.jobMessagesMax);
  expect(kept.at(-1)).toMatchObject({ number: count - 1, text: String(count - 1) });
});
