// The rows of a result sink come in lanes, one a subtask. When the job gets another parallelism all its lanes end
// and new ones begin, with numbers that were never used: what a client has of a lane keeps its meaning. The
// rows that the ended ones still had are taken out of the checkpoint that the job goes on from.

import type { CompletedCheckpoint, VertexCheckpoint } from '../../checkpoint/checkpoint.ts';
import type { FileSystem } from '../../core/file-system.ts';
import type { OperatorId } from '../../core/ids.ts';
import {
  type FinalResults,
  RESULT_ROWS,
  resultsVersion,
  type StoredResults,
} from '../../core/results.ts';
import { decodeValue } from '../../core/value-reader.ts';
import type { JobGraph, JobVertex } from '../../graph/job-graph.ts';
import { readState } from '../../state/read-state.ts';

export interface EndedLane {
  readonly subtask: number;
  readonly results: FinalResults;
}

/** What the lanes of the job's result sinks still held at that checkpoint. @throws SluiceError naming the file. */
export async function endedLanes(
  job: JobGraph,
  origin: CompletedCheckpoint,
  files: FileSystem,
): Promise<readonly EndedLane[]> {
  const lanes = job.vertices.flatMap((vertex) =>
    resultOperators(vertex).map(async (operatorId) => {
      const old = origin.vertices.find(({ operators }) => operators.includes(operatorId));
      return old === undefined ? [] : lanesOf(old, operatorId, files);
    }),
  );
  return (await Promise.all(lanes)).flat();
}

export const resultOperators = ({ operators }: JobVertex): readonly OperatorId[] =>
  operators.filter(({ node }) => isResultSink(node)).map(({ node }) => node.operatorId);

type Node = JobVertex['operators'][number]['node'];

export function isResultSink({ kind, params }: Node): boolean {
  if (kind !== 'sink') return false;
  const { name } = (params as unknown as { readonly connector: { readonly name: string } })
    .connector;
  return name === 'print' || name === 'collect';
}

function lanesOf(
  { subtasks }: VertexCheckpoint,
  operatorId: OperatorId,
  files: FileSystem,
): Promise<readonly EndedLane[]> {
  const ended = subtasks.map(async ({ handle }, subtask) => {
    const state = handle === undefined ? undefined : await readState(handle, files);
    const lists = state?.operators.find((one) => one.operatorId === operatorId)?.lists ?? [];
    const items = lists.find(({ name }) => name === RESULT_ROWS)?.items ?? [];
    const stored = items.map((item) => decodeValue(item) as StoredResults);
    return { subtask, results: resultsOf(operatorId, stored[0]) };
  });
  return Promise.all(ended);
}

/** Later than every attempt of a task. */
const ENDED = Number.MAX_SAFE_INTEGER;

/** As if the subtask had finished there: what its attempts have made behind the last row is void. */
function resultsOf(operatorId: OperatorId, stored: StoredResults | undefined): FinalResults {
  const { offset = 0, rows = [], starts = [] } = stored ?? {};
  const end = offset + rows.length;
  return {
    operatorId,
    version: resultsVersion(ENDED, 'rescaled'),
    starts: [...starts.filter(({ firstRow }) => firstRow < end), { attempt: ENDED, firstRow: end }],
    offset,
    committedOffset: end,
    rows,
  };
}
