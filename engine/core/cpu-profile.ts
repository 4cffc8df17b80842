// A profile as V8 takes it: the calls that were seen as a tree, and how many samples ended in each.

export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
}

export interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  /** Samples taken while this was the innermost call. */
  readonly hitCount?: number;
  /** Ids. */
  readonly children?: readonly number[];
}

export interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  /** From 0. */
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** Name of the script whose only function calls a task's turn: what the task does stands below it. */
export const taskFrameUrl = (attemptId: string): string => `sluice-task:${attemptId}`;
