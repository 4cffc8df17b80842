// stdout, when its reader is slow or goes away: `sluice run … | head -1` ends quietly, and a pager that is
// not read from stops the job's sink and loses no line.

import { once } from 'node:events';

let isClosed = false;

/** What cannot be written because the reader has gone is dropped; `onOutputClosed` tells. */
export function writeOut(text: string): void {
  if (!isClosed) process.stdout.write(text);
}

export function onOutputClosed(call: () => void): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' || isClosed) return;
    isClosed = true;
    call();
  });
}

/** One for all who wait: each subtask of a job may. */
let room: Promise<unknown> | undefined;

/** Resolves when the reader of stdout has caught up. */
export async function outputRoom(): Promise<void> {
  if (!process.stdout.writableNeedDrain) return;
  room ??= once(process.stdout, 'drain').finally(() => {
    room = undefined;
  });
  await room;
}

/** Resolves when all that was written has left the process: pipes are written to behind our back. */
export async function outputFlushed(): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map(flushed));
}

const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((done) => {
    if (stream.writableLength === 0) done();
    else stream.write('', () => done());
  });
