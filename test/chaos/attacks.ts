// What is done to the processes of a cluster while its job runs: kill -9, SIGSTOP, a disk that is full. The disk is
// a real one, a small file system in memory, filled up with one big file for a while.

import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { below, type Random, unit } from '../../engine/core/random.ts';
import { systemClock } from '../../engine/core/system-clock.ts';
import type { RestClient } from '../../engine/rest/rest-client.ts';

export interface AttackCounts {
  kills: number;
  stops: number;
  fullDisks: number;
}

const STOPPED_MAX_MS = 60_000;
/** One attack in so many. */
const STOP_IN = 12;
const FULL_IN = 12;

export class Attacks {
  readonly counts: AttackCounts = { kills: 0, stops: 0, fullDisks: 0 };
  readonly #client: RestClient;
  readonly #random: Random;
  readonly #directory: string;
  readonly #hasOwnDisk: boolean;
  readonly #onAttack: (kind: string) => void;
  #filler: string | undefined;
  #stopped = 0;

  /** @param hasOwnDisk The directory is on a file system that may be filled. */
  constructor(
    client: RestClient,
    random: Random,
    directory: string,
    hasOwnDisk: boolean,
    onAttack: (kind: string) => void,
  ) {
    this.#client = client;
    this.#random = random;
    this.#directory = directory;
    this.#hasOwnDisk = hasOwnDisk;
    this.#onAttack = onAttack;
  }

  /** Between two of them, ms: with a mean of half the given one. */
  pauseMs(maxMs: number): number {
    return unit(this.#random) * maxMs;
  }

  async next(): Promise<void> {
    if (this.#hasOwnDisk && below(this.#random, FULL_IN) === 0) return this.fillDisk();
    const pid = await this.#victim();
    if (pid === undefined) return;
    if (below(this.#random, STOP_IN) === 0) return this.#stop(pid);
    // Beside one that stands still a kill may have to wait for that one.
    this.#onAttack(this.#stopped > 0 ? 'kill beside a stop' : 'kill');
    this.counts.kills++;
    signal(pid, 'SIGKILL');
  }

  /** For a while, unless it is full. */
  fillDisk(): void {
    if (!this.#hasOwnDisk || this.#filler !== undefined) return;
    this.#onAttack('full disk');
    this.counts.fullDisks++;
    this.#filler = join(this.#directory, 'filler');
    const file = openSync(this.#filler, 'w');
    try {
      for (const block of [new Uint8Array(1 << 20), new Uint8Array(512)])
        for (;;) if (writeSync(file, block) < block.length) break;
    } catch {
      // It is full.
    }
    closeSync(file);
    systemClock.after(200 + unit(this.#random) * 2_000, () => this.end());
  }

  /** Room again, if there is none. */
  end(): void {
    if (this.#filler !== undefined) rmSync(this.#filler, { force: true });
    this.#filler = undefined;
  }

  /** A TaskManager, mostly one that has tasks. */
  async #victim(): Promise<number | undefined> {
    const all = (await this.#client.taskManagers()).flatMap(({ sluice }) => sluice ?? []);
    const atWork = all.filter(({ slots }) => slots.length > 0);
    const some = atWork.length > 0 && below(this.#random, 10) > 0 ? atWork : all;
    return some[below(this.#random, Math.max(1, some.length))]?.pid;
  }

  #stop(pid: number): void {
    const forMs = 1_000 + unit(this.#random) * STOPPED_MAX_MS;
    this.#onAttack(forMs > 3_000 ? 'stop' : 'short stop');
    this.counts.stops++;
    signal(pid, 'SIGSTOP');
    this.#stopped++;
    systemClock.after(forMs, () => {
      this.#stopped--;
      signal(pid, 'SIGCONT');
    });
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}
