// A process, or a thread of one, in a simulated cluster: what it waits for comes a little late, and nothing
// comes any more when it has died. It is not told: it stands still at whatever it was waiting for. One that is
// paused hears of nothing until it goes on, and then of everything, in its order. As in Node, few calls to the disk
// are under way at once: those are done when it has died, and what waited behind them is not.

import type { OutputFiles } from '../../engine/connectors/file-sink/output-files.ts';
import type { Clock } from '../../engine/core/clock.ts';
import type { FileSystem } from '../../engine/core/file-system.ts';
import { type Random, unit } from '../../engine/core/random.ts';
import { Lane } from './lane.ts';
import { joined, type MemoryFiles } from './memory-files.ts';

/** What all processes of a simulated cluster share. */
export interface World {
  readonly clock: Clock;
  readonly random: Random;
  readonly files: MemoryFiles;
}

/** Virtual ms by which a timer may be late. */
const LATE_MS = 0.3;
/** And a turn of the event loop. */
const TURN_MS = 0.05;
/** Node's threads for files (UV_THREADPOOL_SIZE), which all threads of a process have together. */
const DISK_THREADS = 4;

export class SimulatedProcess {
  readonly name: string;
  readonly clock: Clock;
  readonly files: FileSystem & OutputFiles;
  /** By how much its clock is ahead of the others', in ms. */
  skewMs = 0;
  readonly #parent: SimulatedProcess | undefined;
  readonly #world: World;
  #hasDied = false;
  /** What it will hear of when it goes on; undefined while it runs. */
  #held: (() => void)[] | undefined;
  /** Calls to the disk that are under way, its threads' too. */
  readonly #underWay = new Set<Promise<unknown>>();
  /** Of a process: those that wait for one of them to come back. */
  readonly #waiting: (() => void)[] = [];

  /** @param parent A thread dies with its process, and stands still with it. */
  constructor(name: string, world: World, parent?: SimulatedProcess) {
    this.name = name;
    this.#world = world;
    this.#parent = parent;
    this.clock = this.#clockOver(world);
    this.files = this.#filesOver(world.files);
  }

  get isAlive(): boolean {
    return !this.#hasDied && this.#parent?.isAlive !== false;
  }

  get isPaused(): boolean {
    return this.#held !== undefined;
  }

  die(): void {
    this.#hasDied = true;
    this.#held = undefined;
  }

  /** Of one that has died: nothing that it has asked of the disk is still to come. Until then it is not gone. */
  async quiet(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  /** As SIGSTOP. */
  pause(): void {
    this.#held ??= [];
  }

  /** As SIGCONT. */
  resume(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const call of held) this.#world.clock.after(0, () => this.hear(call));
  }

  /** Something has come for it. */
  hear(call: () => void): void {
    if (!this.isAlive) return;
    const held = this.#root.#held;
    if (held === undefined) call();
    else held.push(() => this.isAlive && call());
  }

  get #root(): SimulatedProcess {
    return this.#parent === undefined ? this : this.#parent.#root;
  }

  get #skewMs(): number {
    return this.#parent === undefined ? this.skewMs : this.#parent.#skewMs;
  }

  #clockOver({ clock, random }: World): Clock {
    const heard = (call: () => void) => (): void => this.hear(call);
    const turns = new Lane(clock, () => unit(random) * TURN_MS);
    return {
      now: () => clock.now() + this.#skewMs,
      monotonic: () => clock.monotonic(),
      after: (delayMs, call) => {
        let isCalledOff = false;
        const due = heard(() => !isCalledOff && call());
        const timer = clock.after(Math.max(0, delayMs) + unit(random) * LATE_MS, due);
        return {
          [Symbol.dispose]: () => {
            isCalledOff = true; // it may be held
            timer[Symbol.dispose]();
          },
        };
      },
      soon: (call) => turns.push(heard(call)),
    };
  }

  /** What has been begun on the disk is done; the dead do not hear of it. */
  #filesOver(shared: MemoryFiles): FileSystem & OutputFiles {
    const files = shared.as(this.#parent?.name ?? this.name, () => this.isAlive);
    const ask = <R>(call: () => Promise<R>): Promise<R> =>
      new Promise((resolve, reject) =>
        this.#atDisk(call, (done) =>
          done.then(
            (result) => this.hear(() => resolve(result)),
            (error: unknown) => this.hear(() => reject(error as Error)),
          ),
        ),
      );
    return {
      // What it would still have to make is not asked for when it dies meanwhile.
      writeFile: async (path, content) => {
        const bytes = await joined(content);
        await ask(() => files.writeFile(path, bytes));
      },
      readFile: (path) => ask(() => files.readFile(path)),
      link: (from, to) => ask(() => files.link(from, to)),
      copy: (from, to) => ask(() => files.copy(from, to)),
      rename: (from, to) => ask(() => files.rename(from, to)),
      makeDirectory: (path) => ask(() => files.makeDirectory(path)),
      syncDirectory: (path) => ask(() => files.syncDirectory(path)),
      list: (path) => ask(() => files.list(path)),
      remove: (path) => ask(() => files.remove(path)),
      exists: (path) => ask(() => files.exists(path)),
      stat: (path) => ask(() => files.stat(path)),
      create: async (path) => {
        const file = await ask(() => files.create(path));
        return {
          write: (bytes) => ask(() => file.write(bytes)),
          sync: () => ask(() => file.sync()),
          close: () => ask(() => file.close()),
        };
      },
    };
  }

  /** When one of the process's threads for files is free. Of those that have died until then, nothing is begun. */
  #atDisk<R>(call: () => Promise<R>, follow: (done: Promise<R>) => void): void {
    const root = this.#root;
    const begin = (): void => {
      if (!this.isAlive) return root.#nextAtDisk();
      const done = call();
      const owners = new Set([this, root]);
      for (const owner of owners) owner.#underWay.add(done);
      const isOver = (): void => {
        for (const owner of owners) owner.#underWay.delete(done);
        root.#nextAtDisk();
      };
      done.then(isOver, isOver);
      follow(done);
    };
    if (root.#underWay.size < DISK_THREADS) begin();
    else root.#waiting.push(begin);
  }

  #nextAtDisk(): void {
    this.#waiting.shift()?.();
  }
}
