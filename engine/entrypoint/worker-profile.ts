// What a worker thread does for a while, as V8's profiler sees it: asked through the inspector, which gets
// in also where the thread is busy, and leaves nothing behind.

import { Session } from 'node:inspector';
import { delay } from '../core/clock.ts';
import type { CpuProfile } from '../core/cpu-profile.ts';
import { systemClock } from '../core/system-clock.ts';

const ANSWER_MS = 5_000;

interface Reply {
  readonly id?: number;
  readonly result?: { readonly profile?: CpuProfile };
}

/** Undefined when the thread does not answer. */
export async function workerProfile(
  threadId: number,
  durationMs: number,
  intervalMs: number,
): Promise<CpuProfile | undefined> {
  const session = new Session();
  session.connect();
  try {
    const ask = await attach(session, threadId);
    if (ask === undefined) return undefined;
    await ask('Profiler.enable');
    await ask('Profiler.setSamplingInterval', { interval: Math.round(intervalMs * 1_000) });
    await ask('Profiler.start');
    await delay(systemClock, durationMs);
    return (await ask('Profiler.stop'))?.result?.profile;
  } finally {
    session.disconnect();
  }
}

type Ask = (method: string, params?: object) => Promise<Reply | undefined>;

function attach(session: Session, threadId: number): Promise<Ask | undefined> {
  return withinAnswer((resolve) => {
    session.on('NodeWorker.attachedToWorker', ({ params }) => {
      if (params.workerInfo.workerId === String(threadId))
        resolve(asker(session, params.sessionId));
    });
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  });
}

function asker(session: Session, sessionId: string): Ask {
  const waiting = new Map<number, (reply: Reply) => void>();
  let asked = 0;
  session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
    if (params.sessionId !== sessionId) return;
    const reply = JSON.parse(params.message) as Reply;
    waiting.get(reply.id ?? -1)?.(reply);
  });
  return (method, params = {}) =>
    withinAnswer((resolve) => {
      const id = ++asked;
      waiting.set(id, resolve);
      const message = JSON.stringify({ id, method, params });
      session.post('NodeWorker.sendMessageToWorker', { sessionId, message });
    });
}

/** Undefined when there is none in time. */
function withinAnswer<T>(ask: (resolve: (answer: T) => void) => void): Promise<T | undefined> {
  return new Promise((resolve) => {
    const timer = systemClock.after(ANSWER_MS, () => resolve(undefined));
    ask((answer) => {
      timer[Symbol.dispose]();
      resolve(answer);
    });
  });
}
