// What several JobManagers write to the log of who leads, looked at entry by entry: each is the successor of the one
// before, of the leader with the greatest epoch, loses no job, and takes no job back behind a checkpoint.

import { decodeChecked, type HaState, type Lease } from '../../engine/ha/ha-state.ts';
import type { FileAction, MemoryFiles } from '../harness/memory-files.ts';

interface Entry {
  readonly number: number;
  readonly path: string;
  readonly state: HaState;
  readonly machine: string;
}

const NAME = /^\/ha\/log\/(\d{12})$/;
/** A leader that is deposed while it says that it leads says so once more. */
const STALE_LEASES_MAX = 2;
/** More than are ever lost at once. */
const REMEMBERED = 8;

export class HaWatch {
  readonly #files: MemoryFiles;
  readonly #wrong: (name: string, text: string) => void;
  /** Oldest first. */
  #entries: Entry[] = [];
  /** By leader: how often it has said that it leads when another did. */
  readonly #stale = new Map<string, number>();

  constructor(files: MemoryFiles, wrong: (name: string, text: string) => void) {
    this.#files = files;
    this.#wrong = wrong;
  }

  /** The last checkpoint of the job of which whoever leads next knows for sure. */
  registered(jobId: string): number {
    const entry = this.#entries.findLast(
      ({ path }) => this.#files.durableBytesOf(path) !== undefined,
    );
    return entry === undefined ? 0 : lastOf(entry.state, jobId);
  }

  /** Called before it is done. */
  onDisk(action: FileAction): void {
    const { operation, path, from = '', machine } = action;
    if (path === '/ha/lease' && operation === 'rename') this.#onLease(from, machine);
    const number = Number(NAME.exec(path)?.[1] ?? 0);
    if (number === 0 || (operation !== 'link' && operation !== 'rename')) return;
    const isThere = this.#files.has(path);
    if (isThere && operation === 'link') return; // somebody else was first
    if (isThere) this.#wrong('ha-entry', `${machine} writes ${path}, which is another's`);
    const latest = this.#entries.findLast((entry) => this.#files.has(entry.path));
    // A name that was removed long ago: nobody reads it.
    if (latest !== undefined && number < latest.number) return;
    // Those behind were lost with the power.
    this.#entries = this.#entries.filter((entry) => entry.number < number).slice(-REMEMBERED);
    const state = decodeChecked<HaState>(this.#files.bytesOf(from), from);
    const entry = { number, path, state, machine };
    const before = this.#entries.at(-1);
    if (before !== undefined) this.#mustFollow(before, entry);
    this.#entries.push(entry);
  }

  #onLease(from: string, machine: string): void {
    const { epoch } = decodeChecked<Lease>(this.#files.bytesOf(from), from);
    const leading = this.#entries.at(-1)?.state.epoch ?? 0;
    if (epoch >= leading) return;
    const name = `${machine} of epoch ${epoch}`;
    const times = (this.#stale.get(name) ?? 0) + 1;
    this.#stale.set(name, times);
    if (times > STALE_LEASES_MAX)
      this.#wrong('ha-lease', `${name} goes on saying that it leads, and ${leading} does`);
  }

  #mustFollow(before: Entry, { number, state, machine }: Entry): void {
    const { epoch } = before.state;
    if (state.epoch < epoch || (state.epoch === epoch && machine !== before.machine))
      this.#wrong(
        'ha-epoch',
        `${machine} writes entry ${number} under epoch ${state.epoch}, and ${before.machine} leads under ${epoch}`,
      );
    for (const { jobId, hasEnded } of before.state.jobs) {
      const [was, is] = [lastOf(before.state, jobId), lastOf(state, jobId)];
      if (!hasEnded && is < was)
        this.#wrong('ha-job', `job ${jobId} goes back from checkpoint ${was} to ${is}`);
      if (!hasEnded && !state.jobs.some((job) => job.jobId === jobId))
        this.#wrong('ha-job', `job ${jobId} is lost in entry ${number} of ${machine}`);
    }
  }
}

/** Of its checkpoints; without end when it has ended. */
function lastOf({ jobs }: HaState, jobId: string): number {
  const job = jobs.find((one) => one.jobId === jobId);
  if (job?.hasEnded === true) return Number.POSITIVE_INFINITY;
  return job?.checkpoints.at(-1)?.checkpointId ?? 0;
}
