// Where a worker thread is right now, also inside an endless loop: asked through the inspector, which
// interrupts it and lets it go on.

import { Session } from 'node:inspector';
import { systemClock } from '../core/system-clock.ts';

const ANSWER_MS = 2_000;
/** The answer to 'resume' is on its way when the session ends; without it the thread would stay paused. */
const RESUME_MS = 10;

interface CallFrame {
  readonly functionName: string;
  readonly location: {
    readonly scriptId: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
}

interface InspectorEvent {
  readonly method?: string;
  readonly params?: {
    readonly scriptId?: string;
    readonly url?: string;
    readonly callFrames?: readonly CallFrame[];
  };
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
      if (params.workerInfo.workerId === String(threadId)) {
        pause(session, params.sessionId, finish);
      }
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
    const message = JSON.stringify({ id, method });
    session.post('NodeWorker.sendMessageToWorker', { sessionId, message });
  };
  // Frames know their scripts by id; the names come when the debugger is enabled.
  const scripts = new Map<string, string>();
  session.on('NodeWorker.receivedMessageFromWorker', (event) => {
    if (event.params.sessionId !== sessionId) return;
    const { method, params } = JSON.parse(event.params.message) as InspectorEvent;
    if (method === 'Debugger.scriptParsed') {
      scripts.set(params?.scriptId ?? '', params?.url ?? '');
    } else if (method === 'Debugger.paused') {
      send('Debugger.resume');
      const lines = (params?.callFrames ?? []).map((frame) => frameText(frame, scripts));
      systemClock.after(RESUME_MS, () => finish(lines.join('\n')));
    }
  });
  send('Debugger.enable');
  send('Debugger.pause');
}

function frameText(
  { functionName, location }: CallFrame,
  scripts: ReadonlyMap<string, string>,
): string {
  const url = scripts.get(location.scriptId) ?? '';
  const place = `${url}:${location.lineNumber + 1}:${location.columnNumber + 1}`;
  return functionName === '' ? `    at ${place}` : `    at ${functionName} (${place})`;
}
