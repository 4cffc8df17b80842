// The worker thread of a slot. Runs user code; everything else of its process must not depend on it.

import { parentPort } from 'node:worker_threads';
import { systemOutputFiles } from '../connectors/file-sink/output-files.ts';
import { must } from '../core/assert.ts';
import { systemClock } from '../core/system-clock.ts';
import { systemFileSystem } from '../core/system-file-system.ts';
import { systemRandom } from '../core/system-random.ts';
import { Doorbell } from '../network/doorbell.ts';
import { decodeBundle } from '../program/bundle.ts';
import { decodePlan } from '../program/plan.ts';
import { loadProgram } from '../program/slot-program.ts';
import type { FromSlot, ToSlot } from '../task/slot-messages.ts';
import { SlotRuntime } from '../task/slot-runtime.ts';
import { programModules } from './program-modules.ts';
import { slotConsole } from './slot-console.ts';
import { SLOT_BROKEN } from './worker-spawner.ts';

const port = must(parentPort, 'the parent of a slot');
const post = (message: FromSlot): void => port.postMessage(message);

const runtime = new SlotRuntime({
  clock: systemClock,
  random: systemRandom,
  files: systemFileSystem,
  outputFiles: systemOutputFiles,
  doorbell: new Doorbell(),
  stdout: process.stdout,
  post,
  async loadProgram(bundle, plan) {
    const program = await loadProgram(
      { bundle: decodeBundle(bundle), ...decodePlan(plan) },
      programModules,
    );
    return program.functions;
  },
});

globalThis.console = slotConsole((level, text) => runtime.say(level, text));
port.on('message', (message: ToSlot) => runtime.onMessage(message));
port.on('messageerror', (error) => {
  // A message that cannot be read is a task that would wait for ever.
  throw error;
});
process.on('unhandledRejection', failAll);
process.on('uncaughtException', failAll);
runtime.run().catch(() => process.exit(SLOT_BROKEN));

/** Who deletes a method of Array.prototype takes from us what a task needs to fail: then the thread ends. */
function failAll(thrown: unknown): void {
  try {
    runtime.failAll(thrown);
  } catch {
    process.exit(SLOT_BROKEN);
  }
}
