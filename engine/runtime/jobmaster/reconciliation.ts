// What a TaskManager's heartbeat shows to be amiss: commands are sent once, and any may be lost, so what the
// JobMaster wants and what the TaskManager has are compared each time. Pure; every repair may be made again.
//
// | here                  | there                  | repair                                     |
// |-----------------------|------------------------|--------------------------------------------|
// | DEPLOYING             | absent                 | deploy it again                            |
// | CANCELING             | absent                 | it is CANCELED: it never arrived           |
// | INITIALIZING, RUNNING | absent                 | it is lost                                 |
// | behind                | its state, end of data | as if just told                            |
// | CANCELING, ended      | there                  | cancel it again                            |
// | not known             | there                  | cancel it: it is of an earlier attempt     |
// | checkpoint over       | not notified           | notify it again                            |
// | checkpoint under way  | not triggered          | trigger it again                           |

import type { AttemptId, ResourceId } from '../../core/ids.ts';
import type { ExecutionGraph } from '../../graph/execution-graph.ts';
import type { SubtaskId } from '../../graph/pipelined-regions.ts';
import type { TaskStanding } from './job-master-gateway.ts';

export type Repair =
  | { readonly kind: 'deploy'; readonly id: SubtaskId }
  | { readonly kind: 'canceled'; readonly attemptId: AttemptId }
  | { readonly kind: 'lost'; readonly id: SubtaskId }
  | {
      readonly kind: 'state';
      readonly attemptId: AttemptId;
      readonly state: 'INITIALIZING' | 'RUNNING';
    }
  | { readonly kind: 'data-ended'; readonly attemptId: AttemptId }
  | { readonly kind: 'cancel'; readonly attemptId: AttemptId }
  | {
      readonly kind: 'notify';
      readonly attemptId: AttemptId;
      readonly checkpointId: number;
      readonly outcome: 'complete' | 'aborted';
    }
  | { readonly kind: 'trigger'; readonly attemptId: AttemptId; readonly checkpointId: number };

/** What tasks were told of checkpoints, and which tasks. */
export interface ToldCheckpoints {
  /** Those under way, oldest first. */
  readonly triggered: readonly Told[];
  /** The last that was complete, and the last that was aborted. */
  readonly complete: Told | undefined;
  readonly aborted: Told | undefined;
}

interface Told {
  readonly checkpointId: number;
  readonly attempts: ReadonlySet<AttemptId>;
}

/** `standings`: all tasks of the job that the TaskManager has. */
export function repairs(
  graph: ExecutionGraph,
  told: ToldCheckpoints,
  taskManager: ResourceId,
  standings: readonly TaskStanding[],
): Repair[] {
  const there = new Set(standings.map(({ attemptId }) => attemptId));
  return [
    ...standings.flatMap((standing) => repairsOf(graph, told, standing)),
    ...graph.subtasks
      .filter(({ current }) => current.assignment?.taskManager === taskManager)
      .filter(({ current }) => !there.has(current.attemptId))
      .flatMap(({ id, current: { state, attemptId } }): Repair[] => {
        if (state === 'DEPLOYING') return [{ kind: 'deploy', id }];
        if (state === 'CANCELING') return [{ kind: 'canceled', attemptId }];
        return state === 'INITIALIZING' || state === 'RUNNING' ? [{ kind: 'lost', id }] : [];
      }),
  ];
}

function repairsOf(graph: ExecutionGraph, told: ToldCheckpoints, standing: TaskStanding): Repair[] {
  const { attemptId, state, hasDataEnded } = standing;
  const vertex = graph.subtaskOfAttempt(attemptId);
  if (vertex === undefined || vertex.isTerminal || vertex.current.state === 'CANCELING')
    return [{ kind: 'cancel', attemptId }];
  return [
    ...(state === 'DEPLOYING' || state === vertex.current.state
      ? []
      : [{ kind: 'state', attemptId, state } as const]),
    ...(hasDataEnded ? [{ kind: 'data-ended', attemptId } as const] : []),
    ...notification(told.complete, 'complete', standing.completedCheckpoint, attemptId),
    ...notification(told.aborted, 'aborted', standing.abortedCheckpoint, attemptId),
    ...told.triggered
      .filter(({ checkpointId }) => checkpointId > standing.triggeredCheckpoint)
      .filter(({ attempts }) => attempts.has(attemptId))
      .map(({ checkpointId }) => ({ kind: 'trigger', attemptId, checkpointId }) as const),
  ];
}

function notification(
  told: Told | undefined,
  outcome: 'complete' | 'aborted',
  heard: number,
  attemptId: AttemptId,
): Repair[] {
  if (told === undefined || heard >= told.checkpointId || !told.attempts.has(attemptId)) return [];
  return [{ kind: 'notify', attemptId, checkpointId: told.checkpointId, outcome }];
}
