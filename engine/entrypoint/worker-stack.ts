// Where a worker thread is right now, also inside an endless loop: asked through the inspector, which
// interrupts it and lets it go on.

import { Session } from 'node:inspector';
import { systemClock } from '../core/system-clock.ts';

const ANSWER_MS = 2_000;

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly location: { readonly lineNumber: number; readonly columnNumber: number };
}

/** A stack as an Error's, or undefined when the thread does not answer. */
export function workerStack(threadId: number): Promise<string | undefined> {
  const session = new Session();
  session.connect();
  return new Promise((resolve) => {
    const finish = (stack: string | undefined): void => {
      timer[Symbol.dispose]();
      session.disconnect();
      resolve(stack);
    };
    const timer = systemClock.after(ANSWER_MS, () => finish(undefined));
    session.on('NodeWorker.attachedToWorker', ({ params }) => {
      if (params.workerInfo.workerId === String(threadId)) pause(session, params.sessionId, finish);
    });
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  });
}

function pause(
  session: Session,
  sessionId: string,
  finish: (stack: string | undefined) => void,
): void {
  let id = 0;
  const send = (method: string): void => {
    id++;
    session.post('NodeWorker.sendMessageToWorker', {
      sessionId,
      message: JSON.stringify({ id, method }),
    });
  };
  session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
    const message = JSON.parse(params.message) as {
      method?: string;
      params?: { callFrames: readonly CallFrame[] };
    };
    if (params.sessionId !== sessionId || message.method !== 'Debugger.paused') return;
    send('Debugger.resume');
    const frames = message.params?.callFrames ?? [];
    // The answer to 'resume' is on its way when the session ends; without it the thread would stay paused.
    systemClock.after(10, () => finish(frames.map(frameText).join('\n')));
  });
  send('Debugger.enable');
  send('Debugger.pause');
}

function frameText({ functionName, url, location }: CallFrame): string {
  const place = `${url}:${location.lineNumber + 1}:${location.columnNumber + 1}`;
  return functionName === '' ? `    at ${place}` : `    at ${functionName} (${place})`;
}
