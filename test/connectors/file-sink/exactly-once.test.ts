// The files sink under a job that crashes: power is lost at every single disk operation in turn, before it
// or after it, and the job is restored with another parallelism. Whatever happens, every record is in
// exactly one visible file at the end, and nothing is left in progress.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FileCommittable } from '../../../engine/connectors/file-sink/files-committer.ts';
import { filesSinkOn } from '../../../engine/connectors/file-sink/files-sink.ts';
import type { SinkWriter } from '../../../engine/connectors/sink.ts';
import { temporaryDirectory } from '../../harness/temporary-directory.ts';
import { TestSinkContext } from '../sink-context.ts';
import { Disk } from './disk.ts';

const RECORDS = 18;
const RECORDS_PER_CHECKPOINT = 6;
/** By attempt: files prepared by more subtasks than there are later, and by fewer. */
const PARALLELISMS = [3, 2, 4, 1];

class PowerLoss extends Error {}

interface Checkpoint {
  readonly id: number;
  readonly position: number;
  /** Of all subtasks, in order. */
  readonly pending: readonly FileCommittable[];
}

/** A job whose source is the numbers below RECORDS, and what survives a loss of power. */
class Job {
  readonly directory = temporaryDirectory();
  operations = 0;
  attempts = 0;
  /** The last one that is complete. */
  #checkpoint: Checkpoint = { id: 0, position: 0, pending: [] };
  #nextCheckpointId = 1;

  /** Runs until it has ended or power is lost. */
  async attempt(
    losesPower: (operation: number, when: 'before' | 'after') => boolean,
  ): Promise<void> {
    const parallelism = PARALLELISMS[this.attempts % PARALLELISMS.length] as number;
    const attempt = this.attempts++;
    const disk = this.#disk(losesPower);
    try {
      await this.#run(disk, attempt, parallelism);
    } finally {
      await disk.endProcess();
    }
  }

  async #run(disk: Disk, attempt: number, parallelism: number): Promise<void> {
    const connector = filesSinkOn(disk);
    const options = { directory: 'out', format: { name: 'lines' }, rollBytes: 5 } as const;
    const contexts = Array.from(
      { length: parallelism },
      (_, subtask) =>
        new TestSinkContext({
          baseDirectory: this.directory,
          subtask,
          parallelism,
          attempt,
          restoredCheckpointId: this.#checkpoint.id === 0 ? undefined : this.#checkpoint.id,
        }),
    );
    const committers = contexts.map((context) => connector.createCommitter?.(options, context));
    // One subtask after another: none may take away what another has yet to commit.
    for (const [subtask, committer] of committers.entries()) {
      for (const [i, committable] of this.#checkpoint.pending.entries())
        if (i % parallelism === subtask) await committer?.commit(committable);
      await committer?.abortOthers();
    }
    const writers = contexts.map((context) => connector.createWriter(options, context));
    for (let { position } = this.#checkpoint; position < RECORDS; ) {
      for (let i = 0; i < RECORDS_PER_CHECKPOINT; i++, position++)
        writers[position % parallelism]?.write(position, 0);
      const committables = await this.#complete(writers, position);
      for (const [subtask, own] of committables.entries())
        for (const committable of own) await committers[subtask]?.commit(committable);
    }
    for (const writer of writers) writer.close();
  }

  async #complete(
    writers: readonly SinkWriter<unknown, FileCommittable>[],
    position: number,
  ): Promise<readonly (readonly FileCommittable[])[]> {
    const id = this.#nextCheckpointId++;
    const committables: (readonly FileCommittable[])[] = [];
    for (const writer of writers) committables.push(await writer.prepareCommit(id));
    this.#checkpoint = { id, position, pending: committables.flat() };
    return committables;
  }

  #disk(losesPower: (operation: number, when: 'before' | 'after') => boolean): Disk {
    const disk = new Disk(false);
    let isOff = false;
    const look = (when: 'before' | 'after'): void => {
      isOff ||= losesPower(this.operations, when);
      if (isOff) throw new PowerLoss();
    };
    disk.before = () => {
      this.operations++;
      look('before');
    };
    disk.after = () => look('after');
    return disk;
  }

  committed(): number[] {
    const out = join(this.directory, 'out');
    const files = readdirSync(out).filter((name) => !name.startsWith('.'));
    return files.flatMap((name) =>
      readFileSync(join(out, name), 'utf8').trimEnd().split('\n').map(Number),
    );
  }

  inProgress(): string[] {
    return readdirSync(join(this.directory, 'out', '.sluice'));
  }
}

/** Runs the job to its end, with power lost at each of these operations. */
async function run(losses: readonly number[], when: 'before' | 'after'): Promise<Job> {
  const job = new Job();
  const open = new Set(losses);
  for (let isDone = false; !isDone; ) {
    try {
      await job.attempt((operation, now) => now === when && open.delete(operation));
      isDone = true;
    } catch (error) {
      if (!(error instanceof PowerLoss)) throw error;
    }
  }
  return job;
}

const all = Array.from({ length: RECORDS }, (_, i) => i);

test.each(['before', 'after'] as const)(
  'power lost %s any one operation loses no record and doubles none',
  async (when) => {
    const { operations } = await run([], when);
    expect(operations).toBeGreaterThan(100);
    for (let at = 1; at <= operations; at++) {
      const job = await run([at], when);
      expect(job.committed().toSorted((a, b) => a - b)).toEqual(all);
      expect(job.inProgress()).toEqual([]);
    }
  },
);

test('power lost again and again, also while it is restored, loses no record and doubles none', async () => {
  for (let gap = 3; gap < 60; gap += 2) {
    const losses = Array.from({ length: 5 }, (_, i) => 40 + i * gap);
    const job = await run(losses, 'before');
    expect(job.committed().toSorted((a, b) => a - b)).toEqual(all);
    expect(job.inProgress()).toEqual([]);
  }
});
