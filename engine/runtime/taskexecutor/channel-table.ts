// How each channel of the tasks of this process is carried. Both ends in one thread: by reference. In two
// threads: by a ring, made when the first of the two ends is deployed and kept until both have ended: a
// producer may be done before its consumer is here. An end in another process: by a ring to the remote
// exchange, which is told about it.

import { assert } from '../../core/assert.ts';
import { SluiceError } from '../../core/errors.ts';
import type { AttemptId, JobId, ResourceId } from '../../core/ids.ts';
import type { DoorbellMemory } from '../../network/doorbell.ts';
import { newRingMemory, type RingMemory } from '../../network/ring.ts';
import type { Carrier, ChannelDeployment, TaskDeployment } from '../../task/task-deployment.ts';

export interface RemoteChannels {
  /** Carries what is written into the ring to the TaskManager at `address`. */
  send(channelId: string, address: string, ring: RingMemory, producerBell: DoorbellMemory): void;
  /** Fills the ring with what the other TaskManager sends. */
  receive(channelId: string, address: string, ring: RingMemory, consumerBell: DoorbellMemory): void;
  /** The task at this end has ended. `drain`: what it has written still goes out. */
  release(channelId: string, how: 'drain' | 'drop'): void;
  readonly bell: DoorbellMemory;
}

/** A thread of this process, by any value that is the same for the same thread. */
export type ThreadOf = (
  deployment: ChannelDeployment,
) => { readonly thread: object; readonly bell: DoorbellMemory } | undefined;

interface Entry {
  readonly jobId: JobId;
  readonly ring: RingMemory;
  readonly isRemote: boolean;
  /** Ends of this process that have not been released, deployed or still to come. */
  endsLeft: number;
  /** Ends of this process that have not been deployed. */
  endsToCome: number;
  /** Of two ends: the thread that the first one rings, in which the second is to be. */
  readonly awaited: object | undefined;
}

const ONE_END = { endsLeft: 1, endsToCome: 0, awaited: undefined };

export class ChannelTable {
  readonly #here: ResourceId;
  readonly #remote: RemoteChannels;
  readonly #newRing: () => RingMemory;
  readonly #entries = new Map<string, Entry>();
  readonly #byAttempt = new Map<AttemptId, string[]>();

  /** @param newRing Its slots are a channel's credit. */
  constructor(
    here: ResourceId,
    remote: RemoteChannels,
    newRing: () => RingMemory = () => newRingMemory(),
  ) {
    this.#here = here;
    this.#remote = remote;
    this.#newRing = newRing;
  }

  /**
   * Carriers for all channels of a task that will run in `thread`. `threadOf` finds peers in this process.
   * @throws SluiceError when a peer that is here already rings another thread, which has died meanwhile: the task
   * would never be woken.
   */
  open(
    task: TaskDeployment,
    thread: object,
    bell: DoorbellMemory,
    threadOf: ThreadOf,
  ): [string, Carrier][] {
    this.#mustBeAwaited(task, thread);
    const carriers: [string, Carrier][] = [];
    const add = (channel: ChannelDeployment, isOutput: boolean): void => {
      const isRemote = channel.peer.taskManager !== this.#here;
      const carrier = isRemote
        ? this.#remoteCarrier(task.jobId, channel, isOutput, bell)
        : this.#localCarrier(task.jobId, channel, thread, threadOf);
      carriers.push([channel.channelId, carrier]);
    };
    for (const { channels } of task.outputs) for (const channel of channels) add(channel, true);
    for (const { channels } of task.inputs) for (const channel of channels) add(channel, false);
    const rings = carriers.filter(([, { kind }]) => kind === 'ring').map(([id]) => id);
    this.#byAttempt.set(task.attemptId, rings);
    return carriers;
  }

  /**
   * The task has ended: its ends of its channels are free. What a finished one has written is still read; with
   * one that failed or was cancelled, so does whoever is at the other end.
   */
  release(attemptId: AttemptId, hasFinished: boolean): void {
    for (const id of this.#byAttempt.get(attemptId) ?? []) {
      const entry = this.#entries.get(id);
      if (entry === undefined) continue; // the whole job was released
      entry.endsLeft--;
      const isOver = entry.endsLeft === 0 || (!hasFinished && entry.endsToCome > 0);
      if (isOver) this.#forget(id, entry, hasFinished ? 'drain' : 'drop');
    }
    this.#byAttempt.delete(attemptId);
  }

  /** The job has no slot here any more: ends that never came will not come. */
  releaseJob(jobId: JobId): void {
    for (const [id, entry] of this.#entries)
      if (entry.jobId === jobId) this.#forget(id, entry, 'drop');
  }

  #mustBeAwaited({ inputs, outputs }: TaskDeployment, thread: object): void {
    for (const { channelId, peer } of [...inputs, ...outputs].flatMap(({ channels }) => channels)) {
      const awaited = this.#entries.get(channelId)?.awaited;
      if (awaited === undefined || awaited === thread) continue;
      const text = `the thread that task ${peer.attemptId} wakes has ended before this task came`;
      throw new SluiceError('no-thread', text);
    }
  }

  #localCarrier(
    jobId: JobId,
    channel: ChannelDeployment,
    thread: object,
    threadOf: ThreadOf,
  ): Carrier {
    const { channelId } = channel;
    const peer = threadOf(channel);
    assert(peer !== undefined, `channel ${channelId}: no slot ${channel.peer.allocationId} here`);
    if (peer.thread === thread) return { kind: 'local' };
    const entry = this.#entries.get(channelId) ?? {
      jobId,
      ring: this.#newRing(),
      isRemote: false,
      endsLeft: 2,
      endsToCome: 2,
      awaited: peer.thread,
    };
    entry.endsToCome--;
    this.#entries.set(channelId, entry);
    return { kind: 'ring', memory: entry.ring, bell: peer.bell };
  }

  #remoteCarrier(
    jobId: JobId,
    { channelId, peer }: ChannelDeployment,
    isOutput: boolean,
    bell: DoorbellMemory,
  ): Carrier {
    const ring = this.#newRing();
    this.#entries.set(channelId, { jobId, ring, isRemote: true, ...ONE_END });
    if (isOutput) this.#remote.send(channelId, peer.dataAddress, ring, bell);
    else this.#remote.receive(channelId, peer.dataAddress, ring, bell);
    return { kind: 'ring', memory: ring, bell: this.#remote.bell };
  }

  #forget(channelId: string, { isRemote }: Entry, how: 'drain' | 'drop'): void {
    this.#entries.delete(channelId);
    if (isRemote) this.#remote.release(channelId, how);
  }
}
