// Slots as worker threads of a TaskManager's process.

import { Worker } from 'node:worker_threads';
import type { CpuProfile } from '../core/cpu-profile.ts';
import type {
  SlotSpawner,
  SlotThread,
  SlotThreadEvents,
} from '../runtime/taskexecutor/slot-thread.ts';
import type { FromSlot } from '../task/slot-messages.ts';
import { entryPath } from './entries.ts';
import { workerProfile } from './worker-profile.ts';
import { workerStack } from './worker-stack.ts';

/** What a slot's thread ends with when it cannot even fail its tasks. */
export const SLOT_BROKEN = 70;

export const workerSpawner: SlotSpawner = {
  start(name, heapMaxBytes, events) {
    const worker = new Worker(entryPath('slot'), {
      name,
      resourceLimits: { maxOldGenerationSizeMb: Math.max(16, Math.floor(heapMaxBytes / 2 ** 20)) },
      execArgv: [],
    });
    return new WorkerThread(worker, heapMaxBytes, events);
  },
};

class WorkerThread implements SlotThread {
  readonly #worker: Worker;
  #isTerminating = false;

  constructor(worker: Worker, heapMaxBytes: number, events: SlotThreadEvents) {
    this.#worker = worker;
    let failure: string | undefined;
    worker.on('message', (message: FromSlot) => events.onMessage(message));
    worker.on('messageerror', (error) => {
      failure = `a message could not be read: ${error.message}`;
      void worker.terminate();
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      failure = reasonOf(error, heapMaxBytes);
    });
    worker.on('exit', (code) => {
      if (this.#isTerminating) return;
      events.onExit(failure ?? endOf(code));
    });
  }

  post(message: Parameters<SlotThread['post']>[0]): void {
    this.#worker.postMessage(message);
  }

  async terminate(): Promise<void> {
    this.#isTerminating = true;
    await this.#worker.terminate();
  }

  profile(durationMs: number, intervalMs: number): Promise<CpuProfile | undefined> {
    return workerProfile(this.#worker.threadId, durationMs, intervalMs);
  }

  stack(): Promise<string | undefined> {
    return workerStack(this.#worker.threadId);
  }
}

function endOf(code: number): string {
  return code === SLOT_BROKEN
    ? "the slot's thread broke down: the program has deleted or changed built-ins that everything rests on, such as methods of Array.prototype"
    : `the program called process.exit(${code})`;
}

function reasonOf(error: NodeJS.ErrnoException, heapMaxBytes: number): string {
  if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY')
    return `the slot's thread failed: ${error.message}`;
  const mib = Math.floor(heapMaxBytes / 2 ** 20);
  return `out of memory: the slot's ${mib} MiB are used up (taskmanager.memory.process.size divided by its slots)`;
}
