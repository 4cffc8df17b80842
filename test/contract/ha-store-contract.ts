// What every HaStore promises, told with JobManagers that crash, sleep and race on one store. A store's test hands
// in how a process opens it; everything runs under virtual time.

import { expect, test } from 'vitest';
import type { JobId } from '../../engine/core/ids.ts';
import { below, SeededRandom, unit } from '../../engine/core/random.ts';
import type { Candidacy, HaStore, Leadership, StoredJob } from '../../engine/ha/ha-store.ts';
import { MemoryFiles } from '../harness/memory-files.ts';
import { SimulatedClock } from '../harness/simulated-clock.ts';
import { SimulatedProcess, type World } from '../harness/simulated-process.ts';

export interface HaWorld extends World {
  readonly clock: SimulatedClock;
  readonly files: MemoryFiles;
}

/** How a process of that world opens the one store that all of them share. */
export type OpenStore = (process: SimulatedProcess, leaseTimeoutMs: number) => HaStore;

export const LEASE_MS = 1_000;
const JOB = 'job' as JobId;
const SUBMISSION = Uint8Array.of(1, 2, 3);

class JobManager {
  readonly process: SimulatedProcess;
  readonly store: HaStore;
  readonly epochs: number[] = [];
  leadership: Leadership | undefined;
  readonly #candidacy: Candidacy;

  constructor(name: string, world: HaWorld, open: OpenStore) {
    this.process = new SimulatedProcess(name, world);
    this.store = open(this.process, LEASE_MS);
    this.#candidacy = this.store.stand({
      address: (epoch) => ({ rpc: `unix:/${name}-${epoch}`, rest: `http://${name}` }),
      onElected: (leadership) => {
        this.epochs.push(leadership.epoch);
        this.leadership = leadership;
      },
    });
  }

  get leads(): boolean {
    return this.leadership?.isOver === false;
  }

  get current(): Leadership {
    if (this.leadership === undefined) throw new Error(`${this.process.name} never led`);
    return this.leadership;
  }

  close(): Promise<void> {
    return this.#candidacy.close();
  }
}

class Story {
  readonly clock = new SimulatedClock();
  readonly world: HaWorld;
  readonly #open: OpenStore;

  constructor(openIn: (world: HaWorld) => OpenStore, seed = 1) {
    const files = new MemoryFiles(this.clock);
    files.latencyMs = 0.5;
    this.world = { clock: this.clock, random: new SeededRandom(seed), files };
    this.#open = openIn(this.world);
  }

  start(name: string): JobManager {
    return new JobManager(name, this.world, this.#open);
  }

  async leading(name: string): Promise<JobManager> {
    const started = this.start(name);
    await this.until(() => started.leads, `${name} leads`);
    return started;
  }

  until(isTrue: () => boolean, what: string): Promise<void> {
    return this.clock.play(isTrue, what, 30_000);
  }

  result<T>(promise: Promise<T>): Promise<T> {
    return this.clock.result(promise, 30_000);
  }
}

const chk = (checkpointId: number) => ({ checkpointId, path: `/chk-${checkpointId}` });

export function haStoreContract(openIn: (world: HaWorld) => OpenStore): void {
  test('whoever stands alone leads, and others can find it', async () => {
    const story = new Story(openIn);
    const first = await story.leading('first');
    expect(first.current).toMatchObject({ epoch: 1, jobs: [], isOver: false });
    await story.clock.advance(100);
    const found = await story.result(first.store.leader());
    expect(found).toEqual({ epoch: 1, rpc: 'unix:/first-1', rest: 'http://first' });
  });

  test('while one leads no other does', async () => {
    const story = new Story(openIn);
    const first = await story.leading('first');
    const others = [story.start('second'), story.start('third')];
    await story.clock.advance(20 * LEASE_MS);
    expect(first.leads).toBe(true);
    expect(others.map(({ epochs }) => epochs)).toEqual([[], []]);
  });

  test('of several that start at once one leads', async () => {
    const story = new Story(openIn);
    const all = ['a', 'b', 'c', 'd'].map((name) => story.start(name));
    await story.clock.advance(5 * LEASE_MS);
    expect(all.filter(({ leads }) => leads)).toHaveLength(1);
    expect(all.flatMap(({ epochs }) => epochs)).toEqual([1]);
  });

  test('when a leader has died another leads with what it has left', async () => {
    const story = new Story(openIn);
    const first = await story.leading('first');
    const second = story.start('second');
    await story.result(first.current.addJob(JOB, SUBMISSION));
    await story.result(first.current.registerCheckpoints(JOB, [chk(1)]));
    await story.result(first.current.registerCheckpoints(JOB, [chk(1), chk(2)]));
    const parallelism = [{ vertex: 'v', lower: 1, upper: 4 }];
    await story.result(first.current.requireParallelism(JOB, parallelism));
    first.process.die();
    await story.until(() => second.leads, 'the second leads');
    expect(second.current.epoch).toBe(2);
    const left: StoredJob = {
      jobId: JOB,
      epoch: 1,
      hasEnded: false,
      isCancelled: false,
      checkpoints: [chk(1), chk(2)],
      parallelism,
    };
    expect(second.current.jobs).toEqual([left]);
    expect(await story.result(second.current.readJob(JOB))).toEqual(SUBMISSION);
  });

  test('a store outlives all who used it', async () => {
    const story = new Story(openIn);
    const first = await story.leading('first');
    await story.result(first.current.addJob(JOB, SUBMISSION));
    first.process.die();
    const again = await story.leading('again');
    expect(again.current.jobs.map(({ jobId }) => jobId)).toEqual([JOB]);
    await story.result(again.current.endJob(JOB, Uint8Array.of(9)));
    again.process.die();
    const third = await story.leading('third');
    expect(third.current.jobs).toMatchObject([{ jobId: JOB, hasEnded: true, checkpoints: [] }]);
    expect(await story.result(third.current.readArchive(JOB))).toEqual(Uint8Array.of(9));
    await story.result(third.current.removeJob(JOB));
    third.process.die();
    expect((await story.leading('at last')).current.jobs).toEqual([]);
  });

  test('a leader that gives up is replaced before its lease is', async () => {
    const story = new Story(openIn);
    const first = await story.leading('first');
    const second = story.start('second');
    await story.clock.advance(LEASE_MS);
    await story.result(first.close());
    const from = story.clock.elapsedMs;
    await story.until(() => second.leads, 'the second leads');
    expect(story.clock.elapsedMs - from).toBeLessThan(LEASE_MS / 2);
    expect(first.leads).toBe(false);
  });

  test('a leader that has slept changes nothing when it wakes, learns it, and may lead again', async () => {
    const story = new Story(openIn);
    const first = await story.leading('first');
    const second = story.start('second');
    await story.result(first.current.addJob(JOB, SUBMISSION));
    let hasHeard = false;
    first.current.onOver(() => {
      hasHeard = true;
    });
    first.process.pause();
    await story.until(() => second.leads, 'the second leads');
    await story.result(second.current.registerCheckpoints(JOB, [chk(7)]));
    const write = first.current.registerCheckpoints(JOB, [chk(9)]);
    first.process.resume();
    await expect(story.result(write)).rejects.toMatchObject({ reason: 'not-leader' });
    expect([first.leads, hasHeard]).toEqual([false, true]);
    await expect(story.result(first.current.addJob(JOB, SUBMISSION))).rejects.toMatchObject({
      reason: 'not-leader',
    });
    second.process.die();
    await story.until(() => first.leads, 'the first leads again');
    expect(first.epochs).toEqual([1, 3]);
    expect(first.current.jobs[0]?.checkpoints).toEqual([chk(7)]);
  });

  test('one that has slept and writes nothing learns it, too', async () => {
    const story = new Story(openIn);
    const first = await story.leading('first');
    const second = story.start('second');
    first.process.pause();
    await story.until(() => second.leads, 'the second leads');
    const leads = first.current.confirm();
    first.process.resume();
    expect(await story.result(leads)).toBe(false);
    await story.clock.advance(20 * LEASE_MS);
    expect([first.epochs, second.epochs]).toEqual([[1], [2]]);
  });

  test('one that has slept through many writes changes nothing either', async () => {
    const story = new Story(openIn);
    const first = await story.leading('first');
    const second = story.start('second');
    await story.result(first.current.addJob(JOB, SUBMISSION));
    first.process.pause();
    await story.until(() => second.leads, 'the second leads');
    for (let id = 1; id <= 200; id++)
      await story.result(second.current.registerCheckpoints(JOB, [chk(id)]));
    const write = first.current.registerCheckpoints(JOB, [chk(999)]);
    first.process.resume();
    await expect(story.result(write)).rejects.toMatchObject({ reason: 'not-leader' });
    second.process.die();
    await story.until(() => first.leads, 'the first leads again');
    expect(first.current.jobs[0]?.checkpoints).toEqual([chk(200)]);
  });

  test('writes that come at once are all made', async () => {
    const story = new Story(openIn);
    const first = await story.leading('first');
    const jobs = Array.from({ length: 20 }, (_, i) => `job-${i}` as JobId);
    await story.result(Promise.all(jobs.map((job) => first.current.addJob(job, SUBMISSION))));
    await story.result(
      Promise.all(jobs.map((job, i) => first.current.registerCheckpoints(job, [chk(i + 1)]))),
    );
    first.process.die();
    const { current } = await story.leading('second');
    expect(new Set(current.jobs.map(({ jobId }) => jobId))).toEqual(new Set(jobs));
    for (const { jobId, checkpoints } of current.jobs)
      expect(checkpoints).toEqual([chk(Number(jobId.slice(4)) + 1)]);
  });

  test('a job never goes back to an older checkpoint', async () => {
    const story = new Story(openIn);
    const { current } = await story.leading('first');
    await story.result(current.addJob(JOB, SUBMISSION));
    await story.result(current.registerCheckpoints(JOB, [chk(2)]));
    await expect(story.result(current.registerCheckpoints(JOB, [chk(1)]))).rejects.toThrow(
      'goes back from checkpoint 2 to 1',
    );
  });

  test('whoever sleeps or dies at whatever moment, what was written stays, and what is deposed writes nothing', async () => {
    for (let seed = 1; seed <= 60; seed++) await race(new Story(openIn, seed), `seed ${seed}`);
  });
}

/** What a race has shown so far. */
interface Seen {
  next: number;
  written: number;
  epoch: number;
  readonly wrong: string[];
}

/** Three that stand, sleep and die at random, while whoever believes to lead writes greater and greater numbers. */
async function race(story: Story, name: string): Promise<void> {
  const all = ['a', 'b', 'c'].map((one) => story.start(one));
  const seen: Seen = { next: 1, written: 0, epoch: 0, wrong: [] };
  await story.until(() => all.some(({ leads }) => leads), 'somebody leads');
  await story.result(
    all.find(({ leads }) => leads)?.current.addJob(JOB, SUBMISSION) as Promise<void>,
  );
  for (let round = 0; round < 25; round++) {
    fate(story, all, `late-${round}`);
    for (const { leadership } of all) if (leadership?.isOver === false) write(leadership, seen);
    await story.clock.advance(unit(story.world.random) * 2 * LEASE_MS);
    seen.epoch = Math.max(...all.map(({ leadership }) => leadership?.epoch ?? 0));
  }
  for (const { process } of all) process.die();
  const { current } = await story.leading('at last');
  expect(seen.wrong, name).toEqual([]);
  expect(current.epoch, name).toBeGreaterThan(seen.epoch);
  const last = current.jobs[0]?.checkpoints.at(-1)?.checkpointId ?? 0;
  expect(last, name).toBeGreaterThanOrEqual(seen.written);
}

/** One of them falls asleep, wakes, or dies and is followed by another. */
function fate(story: Story, all: JobManager[], next: string): void {
  const { random } = story.world;
  const one = all[below(random, all.length)] as JobManager;
  const what = below(random, 4);
  if (what === 0) return one.process.pause();
  one.process.resume();
  if (what !== 1 || all.length > 5) return;
  one.process.die();
  all.push(story.start(next));
}

function write(leadership: Leadership, seen: Seen): void {
  const number = seen.next++;
  const newest = seen.epoch;
  leadership.registerCheckpoints(JOB, [chk(number)]).then(
    () => {
      if (leadership.epoch < newest) seen.wrong.push(`${leadership.epoch} wrote ${number}`);
      seen.written = Math.max(seen.written, number);
    },
    () => undefined, // it leads no more
  );
}
