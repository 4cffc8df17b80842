// All that a slot needs to run one attempt of one subtask: made by the JobMaster, carried by the
// TaskExecutor, which adds how each channel is carried, and taken by the slot.

import type {
  AllocationId,
  AttemptId,
  BlobKey,
  JobId,
  OperatorId,
  ResourceId,
  VertexId,
} from '../core/ids.ts';
import type { Partitioner, StreamNode } from '../graph/stream-graph.ts';
import type { DoorbellMemory } from '../network/doorbell.ts';
import type { RingMemory } from '../network/ring.ts';
import type { StateHandle } from '../state/state-handle.ts';

export interface TaskDeployment {
  readonly jobId: JobId;
  readonly jobName: string;
  readonly attemptId: AttemptId;
  /** From 0. */
  readonly attempt: number;
  readonly allocationId: AllocationId;
  readonly vertexId: VertexId;
  readonly vertexName: string;
  readonly subtask: number;
  readonly parallelism: number;
  readonly maxParallelism: number;
  /** All sources that feed it end by themselves. */
  readonly isInputBounded: boolean;
  /** Head first; each after the one it follows. */
  readonly operators: readonly DeployedOperator[];
  readonly inputs: readonly InputGateDeployment[];
  readonly outputs: readonly OutputDeployment[];
  readonly program: ProgramDeployment;
  readonly restore: TaskRestore | undefined;
}

/** Where the functions come from. The same for all tasks of a job. */
export interface ProgramDeployment {
  readonly bundle: BlobKey;
  /** The plan that the program built, and what it saw: every evaluation must see and build the same. */
  readonly plan: BlobKey;
  readonly baseDirectory: string;
  /** The job's whole configuration. */
  readonly configuration: Readonly<Record<string, string>>;
  /** Blobs that sources of this job read. */
  readonly blobs: readonly BlobKey[];
  /** `print` goes to the client by the collect protocol, or to the TaskManager's stdout. */
  readonly attached: boolean;
}

interface DeployedOperator {
  readonly node: StreamNode;
  /** Index in `operators` of the one before; -1 for the head. */
  readonly after: number;
  /** The chained edge takes this side output of the one before; undefined: the main output. */
  readonly sideOutput: string | undefined;
}

/** One input edge of the head: all channels from the upstream subtasks that feed this one. */
export interface InputGateDeployment {
  readonly edgeId: number;
  readonly input: 0 | 1;
  readonly partitioner: Partitioner['kind'];
  readonly channels: readonly ChannelDeployment[];
}

/** One output edge: all channels to the downstream subtasks that this one feeds. */
export interface OutputDeployment {
  readonly edgeId: number;
  /** Index in `operators` of the operator whose output this is. */
  readonly from: number;
  readonly sideOutput: string | undefined;
  readonly partitioner: Partitioner['kind'];
  readonly bufferTimeoutMs: number | undefined;
  /** Of the downstream vertex: decides which subtask owns a key group. */
  readonly maxParallelism: number;
  /** The fields of its records that are read behind it; undefined: all. */
  readonly fields: readonly string[] | undefined;
  readonly channels: readonly ChannelDeployment[];
}

/** A channel and who is at its other end. Both ends know it by the same id. */
export interface ChannelDeployment {
  readonly channelId: string;
  readonly peer: {
    readonly taskManager: ResourceId;
    readonly dataAddress: string;
    readonly allocationId: AllocationId;
    readonly attemptId: AttemptId;
  };
}

/** What a task continues from. */
export interface TaskRestore {
  readonly checkpointId: number;
  /** The job was submitted with it: another program may have written it. */
  readonly isGiven: boolean;
  /** By operator: the state that every subtask of the old attempt left, undefined where it left none. */
  readonly operators: readonly OperatorRestore[];
  /** The subtask had finished: it only says so again, and sends nothing. */
  readonly isFinished: boolean;
}

export interface OperatorRestore {
  readonly operatorId: OperatorId;
  readonly oldParallelism: number;
  /** By old subtask. Only those that this subtask needs are given when the parallelism is unchanged. */
  readonly subtasks: readonly (StateHandle | undefined)[];
  /** By old subtask: it had ended; one that left no state and had not ended was still at the beginning. */
  readonly finished: readonly boolean[];
}

/** How a channel is carried, seen from one end: decided by the TaskExecutor. */
export type Carrier =
  /** The other end is a task of the same worker. */
  | { readonly kind: 'local' }
  /** Shared memory; `bell` is the other thread's. */
  | { readonly kind: 'ring'; readonly memory: RingMemory; readonly bell: DoorbellMemory };

/** By channel id. */
export type Carriers = ReadonlyMap<string, Carrier>;
