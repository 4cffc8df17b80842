// A process, or a thread of one, in a simulated cluster: what it waits for comes a little late, and nothing
// comes any more when it has died. It is not told: it stands still at whatever it was waiting for.

import type { Clock } from '../../engine/core/clock.ts';
import type { FileSystem } from '../../engine/core/file-system.ts';
import { type Random, unit } from '../../engine/core/random.ts';
import { Lane } from './lane.ts';

/** What all processes of a simulated cluster share. */
export interface World {
  readonly clock: Clock;
  readonly random: Random;
  readonly files: FileSystem;
}

/** Virtual ms by which a timer may be late. */
const LATE_MS = 0.3;
/** And a turn of the event loop. */
const TURN_MS = 0.05;

export class SimulatedProcess {
  readonly name: string;
  readonly clock: Clock;
  readonly files: FileSystem;
  readonly #parent: SimulatedProcess | undefined;
  #hasDied = false;
  /** What has come while it stands still. */
  #held: (() => void)[] | undefined;

  /** @param parent A thread dies with its process. */
  constructor(name: string, world: World, parent?: SimulatedProcess) {
    this.name = name;
    this.#parent = parent;
    this.clock = this.#clockOver(world);
    this.files = this.#filesOver(world.files);
  }

  get isAlive(): boolean {
    return !this.#hasDied && this.#parent?.isAlive !== false;
  }

  die(): void {
    this.#hasDied = true;
  }

  /** As SIGSTOP: it stands still, and what it waits for waits for it. */
  pause(): void {
    this.#held ??= [];
  }

  resume(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const call of held) this.run(call);
  }

  /** In its turn: not while it stands still, and never when it is dead. */
  run(call: () => void): void {
    if (!this.isAlive) return;
    if (this.#held === undefined) call();
    else this.#held.push(call);
  }

  #clockOver({ clock, random }: World): Clock {
    const whileAlive = (call: () => void) => (): void => this.run(call);
    const turns = new Lane(clock, () => unit(random) * TURN_MS);
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after: (delayMs, call) =>
        clock.after(Math.max(0, delayMs) + unit(random) * LATE_MS, whileAlive(call)),
      soon: (call) => turns.push(whileAlive(call)),
    };
  }

  /** What was asked of the disk is done; the dead do not hear of it. */
  #filesOver(files: FileSystem): FileSystem {
    const answer = <R>(promise: Promise<R>): Promise<R> =>
      new Promise((resolve, reject) => {
        promise.then(
          (result) => this.run(() => resolve(result)),
          (error: unknown) => this.run(() => reject(error as Error)),
        );
      });
    return {
      writeFile: (path, bytes) => answer(files.writeFile(path, bytes)),
      readFile: (path) => answer(files.readFile(path)),
      link: (from, to) => answer(files.link(from, to)),
      rename: (from, to) => answer(files.rename(from, to)),
      makeDirectory: (path) => answer(files.makeDirectory(path)),
      syncDirectory: (path) => answer(files.syncDirectory(path)),
      list: (path) => answer(files.list(path)),
      remove: (path) => answer(files.remove(path)),
      exists: (path) => answer(files.exists(path)),
      stat: (path) => answer(files.stat(path)),
    };
  }
}
