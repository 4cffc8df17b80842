// A thread that sleeps until its count rises, and writes down when it saw that.

import { parentPort, workerData } from 'node:worker_threads';

const { memory, wakes } = workerData as {
  readonly memory: SharedArrayBuffer;
  readonly wakes: number;
};
const words = new Int32Array(memory, 0, 2);
const seenAt = new Float64Array(memory, 8);

// A wait alone keeps no thread alive.
const alive = setInterval(() => undefined, 1_000);
parentPort?.postMessage('ready');
for (let seen = 0; seen < wakes; ) {
  const wait = Atomics.waitAsync(words, 0, seen);
  if (wait.async) await wait.value;
  const now = Number(process.hrtime.bigint()) / 1e6;
  for (const count = Atomics.load(words, 0); seen < count; ) seenAt[seen++] = now;
}
clearInterval(alive);
