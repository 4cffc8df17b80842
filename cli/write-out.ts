// stdout, when somebody else may close it: `sluice run … | head -1` ends quietly.

let isClosed = false;

/** What cannot be written because the reader has gone is dropped; `onClosed` is called once. */
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
