// Who sits where: the subtasks of the jobs that are looked into, sorted into the slots of the TaskManagers,
// with a letter per slot sharing group. What the cluster counts as taken without saying by whom is another
// job's, or held by one whose task there has finished; a TaskManager that only subtasks know of is lost.

import type {
  ClusterModel,
  JobModel,
  SubtaskModel,
  TaskManagerModel,
  VertexModel,
} from '../../model/cluster-model.ts';
import { shortName } from '../plan/plan-vertex.ts';
import { hasEnded } from './marks.ts';

export interface Seat {
  readonly name: string;
  readonly parallelism: number;
  readonly subtask: SubtaskModel;
}

export interface Slot {
  /** From 0, in its TaskManager. */
  readonly index: number;
  readonly status: 'free' | 'used' | 'starting' | 'other';
  readonly group: Group | undefined;
  readonly seats: readonly Seat[];
}

export interface Group {
  readonly letter: string;
  readonly name: string;
  /** Counts from 0 in the order of appearance. */
  readonly index: number;
}

export interface SlotBlock {
  readonly taskManager: TaskManagerModel | undefined;
  readonly id: string;
  readonly slots: readonly Slot[];
}

export interface SlotMap {
  readonly blocks: readonly SlotBlock[];
  readonly groups: readonly Group[];
  /** Subtasks that have no slot yet. */
  readonly waiting: readonly Seat[];
}

const GONE: ReadonlySet<string> = new Set(['FINISHED', 'CANCELED', 'FAILED']);
const NOT_YET: ReadonlySet<string> = new Set(['CREATED', 'SCHEDULED', 'DEPLOYING', 'INITIALIZING']);
/** A remote cluster may name any number. */
const SLOTS_MAX = 1_024;

export function slotMap(cluster: ClusterModel): SlotMap {
  const jobs = Object.values(cluster.details).filter(({ state }) => !hasEnded(state));
  const seating = new Seating(jobs.length > 1);
  for (const job of jobs) seating.add(job);
  const known = new Set(cluster.taskManagers.map(({ id }) => id));
  const lost = [...seating.seats.keys()].filter((id) => !known.has(id));
  return {
    blocks: [
      ...cluster.taskManagers.map((taskManager) => seating.block(taskManager.id, taskManager)),
      ...lost.map((id) => seating.block(id, undefined)),
    ],
    groups: seating.groups,
    waiting: seating.waiting,
  };
}

class Seating {
  readonly groups: Group[] = [];
  readonly waiting: Seat[] = [];
  /** By TaskManager, then by slot. */
  readonly seats = new Map<string, Map<number, { group: Group; seats: Seat[] }>>();
  readonly #groupOf = new Map<string, Group>();
  /** Each job has groups of its own, which mostly have the same names. */
  readonly #hasJobs: boolean;

  constructor(hasJobs: boolean) {
    this.#hasJobs = hasJobs;
  }

  add(job: JobModel): void {
    for (const vertex of job.vertices) {
      const group = this.#group(job, vertex);
      for (const subtask of vertex.subtasks) {
        if (!GONE.has(subtask.state)) this.#seat(vertex, subtask, group);
      }
    }
  }

  block(id: string, taskManager: TaskManagerModel | undefined): SlotBlock {
    const taken = this.seats.get(id) ?? new Map<number, { group: Group; seats: Seat[] }>();
    const highest = Math.max(-1, ...taken.keys());
    const size = Math.min(SLOTS_MAX, Math.max(taskManager?.slots ?? 0, highest + 1));
    // Of those that nobody we know sits in, the first are taken.
    let others = size - (taskManager?.freeSlots ?? 0) - taken.size;
    const slots = Array.from({ length: size }, (_, index): Slot => {
      const slot = taken.get(index);
      if (slot !== undefined) return { index, status: statusOf(slot.seats), ...slot };
      const status = others-- > 0 ? 'other' : 'free';
      return { index, status, group: undefined, seats: [] };
    });
    return { id, taskManager, slots };
  }

  #seat(vertex: VertexModel, subtask: SubtaskModel, group: Group): void {
    const seat = { name: shortName(vertex), parallelism: vertex.parallelism, subtask };
    const { taskManager, slot } = subtask;
    if (taskManager === undefined || slot === undefined || !(slot >= 0 && slot < SLOTS_MAX)) {
      this.waiting.push(seat);
      return;
    }
    const slots = this.seats.get(taskManager) ?? new Map<number, { group: Group; seats: Seat[] }>();
    const taken = slots.get(slot) ?? { group, seats: [] };
    taken.seats.push(seat);
    slots.set(slot, taken);
    this.seats.set(taskManager, slots);
  }

  #group(job: JobModel, { slotSharingGroup }: VertexModel): Group {
    const key = `${job.id} ${slotSharingGroup}`;
    const known = this.#groupOf.get(key);
    if (known !== undefined) return known;
    const index = this.groups.length;
    const letter = String.fromCharCode(65 + (index % 26));
    const ofJob = slotSharingGroup === 'default' ? job.name : `${job.name} (${slotSharingGroup})`;
    const group = { letter, name: this.#hasJobs ? ofJob : slotSharingGroup, index };
    this.#groupOf.set(key, group);
    this.groups.push(group);
    return group;
  }
}

function statusOf(seats: readonly Seat[]): 'used' | 'starting' {
  return seats.some(({ subtask }) => NOT_YET.has(subtask.state)) ? 'starting' : 'used';
}
