// The threads of a simulated TaskManager: each the real SlotRuntime, on messages that are copied and take
// a while.

import { type Random, unit } from '../../engine/core/random.ts';
import type {
  SlotSpawner,
  SlotThread,
  SlotThreadEvents,
} from '../../engine/runtime/taskexecutor/slot-thread.ts';
import type { ProgramFunctions } from '../../engine/task/operator-context.ts';
import type { FromSlot, ToSlot } from '../../engine/task/slot-messages.ts';
import { SlotRuntime } from '../../engine/task/slot-runtime.ts';
import { Lane } from './lane.ts';
import type { Doorbells } from './simulated-doorbell.ts';
import { SimulatedProcess, type World } from './simulated-process.ts';

export interface SlotsWorld extends World {
  readonly doorbells: Doorbells;
  readonly loadProgram: (bundle: Uint8Array) => ProgramFunctions;
  /** What tasks without a client print. */
  readonly print: (text: string) => void;
}

/** Virtual ms that a message between two threads takes at most. */
const MESSAGE_MS = 0.2;
/** And the start of a thread. */
const START_MS = 20;

export class SimulatedSlots implements SlotSpawner {
  readonly #process: SimulatedProcess;
  readonly #world: SlotsWorld;
  readonly #threads = new Set<SimulatedThread>();

  constructor(process: SimulatedProcess, world: SlotsWorld) {
    this.#process = process;
    this.#world = world;
  }

  start(name: string, _heapMaxBytes: number, events: SlotThreadEvents): SlotThread {
    const thread = new SimulatedThread(name, this.#process, this.#world, events);
    this.#threads.add(thread);
    return thread;
  }

  /** Threads that live. */
  get threads(): readonly SimulatedThread[] {
    return [...this.#threads].filter(({ isAlive }) => isAlive);
  }
}

export class SimulatedThread implements SlotThread {
  readonly #thread: SimulatedProcess;
  readonly #events: SlotThreadEvents;
  readonly #toSlot: Lane;
  readonly #fromSlot: Lane;
  readonly #runtime: SlotRuntime;

  constructor(
    name: string,
    process: SimulatedProcess,
    world: SlotsWorld,
    events: SlotThreadEvents,
  ) {
    const { random } = world;
    const delayMs = (): number => unit(random) * MESSAGE_MS;
    this.#thread = new SimulatedProcess(`${process.name} ${name}`, world, process);
    this.#events = events;
    this.#toSlot = new Lane(this.#thread.clock, delayMs);
    this.#fromSlot = new Lane(process.clock, delayMs);
    this.#runtime = this.#createRuntime(world, random);
    this.#thread.clock.after(unit(random) * START_MS, () => void this.#runtime.run());
  }

  get isAlive(): boolean {
    return this.#thread.isAlive;
  }

  post(message: ToSlot): void {
    const copy = structuredClone(message);
    this.#toSlot.push(() => this.#runtime.onMessage(copy));
  }

  /** As in Node, gone when its last call to the disk has come back. */
  terminate(): Promise<void> {
    this.#thread.die();
    return this.#thread.quiet();
  }

  /** It ends by itself: out of memory, or `process.exit` of the program. */
  crash(reason: string): void {
    void this.terminate().then(() => this.#fromSlot.push(() => this.#events.onExit(reason)));
  }

  profile(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  stack(): Promise<string | undefined> {
    return Promise.resolve(undefined);
  }

  #createRuntime(world: SlotsWorld, random: Random): SlotRuntime {
    const { clock, files } = this.#thread;
    return new SlotRuntime({
      clock,
      random,
      files,
      outputFiles: files,
      doorbell: world.doorbells.create(this.#thread),
      stdout: {
        write(text) {
          world.print(text);
          return true;
        },
        once: () => undefined,
      },
      post: (message) => this.#post(message),
      loadProgram: (bundle) =>
        new Promise((resolve) => clock.after(1, () => resolve(world.loadProgram(bundle)))),
    });
  }

  #post(message: FromSlot): void {
    const copy = structuredClone(message);
    this.#fromSlot.push(() => this.#events.onMessage(copy));
  }
}
