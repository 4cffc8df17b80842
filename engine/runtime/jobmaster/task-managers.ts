// The TaskManagers that a JobMaster has slots on: one connection each, and what happens when it breaks.

import { type Clock, every } from '../../core/clock.ts';
import type { ResourceId } from '../../core/ids.ts';
import type { Gateway, Remote, RpcService } from '../../rpc/rpc-service.ts';
import { TASK_EXECUTOR, type TaskExecutorGateway } from '../taskexecutor/task-executor-gateway.ts';
import type { TaskManagerLocation } from './job-master-gateway.ts';

interface Connected {
  readonly location: TaskManagerLocation;
  readonly remote: Promise<Remote<TaskExecutorGateway>>;
  /** Monotonic ms of its last heartbeat to this job. */
  lastHeardMs: number;
  isBroken: boolean;
}

interface TaskManagersEvents {
  /** The connection is broken: nothing more is to be placed there. `onLost` follows. */
  readonly onBroken: (resourceId: ResourceId) => void;
  readonly onLost: (resourceId: ResourceId, reason: string) => void;
}

/**
 * How long a broken connection waits for the ResourceManager's word, which knows more: that the process is
 * gone, and why.
 */
const REASON_MS = 150;

export class TaskManagers {
  readonly #rpc: RpcService;
  readonly #clock: Clock;
  readonly #events: TaskManagersEvents;
  readonly #connected = new Map<ResourceId, Connected>();
  #watch: Disposable | undefined;

  constructor(rpc: RpcService, clock: Clock, events: TaskManagersEvents) {
    this.#rpc = rpc;
    this.#clock = clock;
    this.#events = events;
  }

  /** False when it cannot be reached: what it offered may have come after its death. */
  add(location: TaskManagerLocation, nowMs: number): Promise<boolean> {
    const { resourceId } = location;
    const connected = this.#connected.get(resourceId) ?? this.#connect(location, nowMs);
    return connected.remote.then(
      () => this.#connected.get(resourceId) === connected && !connected.isBroken,
      () => false,
    );
  }

  /** Rejects when the TaskManager is gone. */
  async call<R>(
    resourceId: ResourceId,
    call: (gateway: Gateway<TaskExecutorGateway>) => Promise<R>,
  ): Promise<R> {
    const connected = this.#connected.get(resourceId);
    if (connected === undefined) throw new Error(`TaskManager ${resourceId} is gone`);
    return call((await connected.remote).gateway);
  }

  /** For messages whose loss shows elsewhere. */
  tell(
    resourceId: ResourceId,
    call: (gateway: Gateway<TaskExecutorGateway>) => Promise<unknown>,
  ): void {
    void this.told(resourceId, call);
  }

  /** The same. Resolves with the answer, or when there will be none. */
  async told(
    resourceId: ResourceId,
    call: (gateway: Gateway<TaskExecutorGateway>) => Promise<unknown>,
  ): Promise<void> {
    await this.call(resourceId, call).catch(() => undefined);
  }

  heard(resourceId: ResourceId, nowMs: number): void {
    const connected = this.#connected.get(resourceId);
    if (connected !== undefined) connected.lastHeardMs = nowMs;
  }

  /** From now on, one that is not heard of for that long is lost. */
  watch(timeoutMs: number): void {
    this.#watch = every(this.#clock, timeoutMs / 2, () => {
      const now = this.#clock.monotonic();
      for (const [resourceId, { lastHeardMs }] of this.#connected)
        if (now - lastHeardMs > timeoutMs)
          this.#events.onLost(resourceId, `no heartbeat for ${timeoutMs} ms`);
    });
  }

  remove(resourceId: ResourceId): void {
    const connected = this.#connected.get(resourceId);
    this.#connected.delete(resourceId);
    connected?.remote.then(
      (remote) => remote.close(),
      () => undefined, // was never open
    );
  }

  close(): void {
    this.#watch?.[Symbol.dispose]();
    for (const resourceId of [...this.#connected.keys()]) this.remove(resourceId);
  }

  #connect(location: TaskManagerLocation, nowMs: number): Connected {
    const { resourceId, address } = location;
    const remote = this.#rpc.connect<TaskExecutorGateway>(address, TASK_EXECUTOR);
    const connected: Connected = { location, remote, lastHeardMs: nowMs, isBroken: false };
    this.#connected.set(resourceId, connected);
    const isCurrent = (): boolean => this.#connected.get(resourceId) === connected;
    const broken = (reason: string): void => {
      if (!isCurrent()) return;
      connected.isBroken = true;
      this.#events.onBroken(resourceId);
      this.#clock.after(REASON_MS, () => {
        if (isCurrent()) this.#events.onLost(resourceId, reason);
      });
    };
    remote.then(
      (open) => open.onClose(broken),
      () => this.remove(resourceId),
    );
    return connected;
  }
}
