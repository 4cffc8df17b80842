// The process of a program run: disposable, started before it is needed. Its main thread only watches, so
// that it ends with its parent whatever the program does; the program runs in a worker thread.

import { Worker } from 'node:worker_threads';
import { entryPath } from './entries.ts';
import type { FromProgram, RunProgram } from './program-messages.ts';

const HEAP_MAX_MB = 1_024;
const OUTPUT_MAX = 256 * 1024;

const send = (message: FromProgram): void => {
  process.send?.(message, undefined, undefined, () => undefined);
};

process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined); // the terminal's: whoever started us decides

const worker = new Worker(entryPath('program-worker'), {
  name: 'program',
  stdout: true,
  stderr: true,
  resourceLimits: { maxOldGenerationSizeMb: HEAP_MAX_MB },
});
let printed = 0;
for (const stream of [worker.stdout, worker.stderr]) {
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    printed += text.length;
    if (printed <= OUTPUT_MAX) send({ kind: 'output', text });
  });
}
let reason: string | undefined;
worker.on('message', (message: FromProgram) => send(message));
worker.on('error', (error: NodeJS.ErrnoException) => {
  reason =
    error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      ? `the program used up its ${HEAP_MAX_MB} MiB of memory`
      : error.message;
});
worker.on('exit', (code) =>
  send({ kind: 'ended', reason: reason ?? `the program called process.exit(${code})` }),
);
process.on('message', (message: RunProgram) => worker.postMessage(message));
