// The way of rows to the client, over failures: a model of one checkpointed sink whose job fails and restores
// at random, and the real sink, the real keeping of final rows, the real reader. Every row that the client has
// in the end was made by the attempts that count, once and in order.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type RowEvents, readResults } from '../../cli/run/result-reader.ts';
import { Configuration } from '../../engine/core/configuration.ts';
import type { AttemptId } from '../../engine/core/ids.ts';
import { resultsVersion, type SinkStart, voidFrom } from '../../engine/core/results.ts';
import { CollectSink } from '../../engine/operators/collect-sink.ts';
import type { OperatorContext } from '../../engine/operators/stream-operator.ts';
import type { ResultsMessage } from '../../engine/rest/rest-messages.ts';
import { FakeClock } from '../harness/fake-clock.ts';

/** One subtask over its attempts. What attempt `a` makes as row `n` is told apart from what others make. */
class Subtask {
  readonly #clock = new FakeClock();
  #stored: unknown[] = [];
  #sink: CollectSink;
  #attempt = 0;
  /** Rows so far, by the attempts that count. */
  rows: string[] = [];
  #completed: { readonly stored: unknown[]; readonly rows: string[] } = { stored: [], rows: [] };
  readonly #pending = new Map<number, Subtask['completed']>();
  #checkpointId = 0;
  isLast = false;

  constructor() {
    this.#sink = this.#open();
  }

  get completed(): { readonly stored: unknown[]; readonly rows: string[] } {
    return this.#completed;
  }

  emit(): void {
    if (!this.#sink.isWritable()) return;
    const row = `${this.#attempt}:${this.rows.length}`;
    this.#sink.processElement(row);
    this.rows.push(row);
  }

  beginCheckpoint(): void {
    this.#checkpointId++;
    this.#sink.snapshot(this.#checkpointId, false);
    this.#pending.set(this.#checkpointId, { stored: this.#stored, rows: [...this.rows] });
  }

  /** `isTold`: the sink may fail before it hears of it. */
  completeCheckpoint(isTold: boolean): void {
    const pending = this.#pending.get(this.#checkpointId);
    if (pending === undefined) return;
    this.#completed = pending;
    if (isTold) this.#sink.onCheckpointComplete(this.#checkpointId);
  }

  fail(): void {
    this.#sink.close();
    this.#attempt++;
    this.#stored = this.#completed.stored;
    this.rows = [...this.#completed.rows];
    this.#pending.clear();
    this.#sink = this.#open();
  }

  request(request: Parameters<CollectSink['request']>[0]): Promise<ResultsMessage> {
    return new Promise((resolve) => {
      this.#sink.request(request, (response) =>
        resolve({ ...response, isLast: false, lanes: [1] }),
      );
      this.#clock.advance(request.waitMs);
    });
  }

  /** Its data has ended, and the last checkpoint is complete. */
  finish(): ResultsMessage & { readonly starts: readonly SinkStart[] } {
    return { ...this.#sink.rest(), voidFrom: null, isLast: true, lanes: [1] };
  }

  #open(): CollectSink {
    const stored = this.#stored;
    const context = {
      configuration: new Configuration({}),
      subtask: { attempt: this.#attempt, attemptId: `attempt ${this.#attempt}` as AttemptId },
      operatorState: {
        list: () => ({
          get: () => stored,
          update: (values: unknown[]) => {
            this.#stored = values;
          },
        }),
      },
      wake: () => undefined,
    };
    const sink = new CollectSink(context as unknown as OperatorContext, this.#clock, true);
    sink.open();
    return sink;
  }
}

type Step = 'emit' | 'begin' | 'complete' | 'complete unheard' | 'fail' | 'read' | 'read in vain';

function carryOut(subtask: Subtask, step: Exclude<Step, 'read' | 'read in vain'>): void {
  switch (step) {
    case 'emit':
      return subtask.emit();
    case 'begin':
      return subtask.beginCheckpoint();
    case 'complete':
      return subtask.completeCheckpoint(true);
    case 'complete unheard':
      return subtask.completeCheckpoint(false);
    case 'fail':
      return subtask.fail();
  }
}

interface Client extends RowEvents {
  readonly rows: string[];
  committed: number;
}

function newClient(): Client {
  const rows: string[] = [];
  const client: Client = {
    rows,
    committed: 0,
    onRows(texts, tentative) {
      rows.push(...texts.map((text) => JSON.parse(text) as string));
      if (!tentative) client.committed = rows.length;
    },
    onCommitted(count) {
      client.committed += count;
    },
    onWithdrawn(count) {
      expect(rows.length - count).toBeGreaterThanOrEqual(client.committed);
      rows.length -= count;
    },
  };
  return client;
}

/** Plays the steps, the client asking where they say so, and then to the end. */
async function play(steps: readonly Step[]): Promise<{ subtask: Subtask; client: Client }> {
  const subtask = new Subtask();
  const client = newClient();
  const left = [...steps];
  const results = async (
    _job: string,
    _operator: string,
    _subtask: number,
    request: Parameters<CollectSink['request']>[0],
  ): Promise<ResultsMessage> => {
    for (let step = left.shift(); step !== undefined; step = left.shift()) {
      if (step !== 'read' && step !== 'read in vain') {
        carryOut(subtask, step);
        continue;
      }
      // What is committed stays so, whatever comes.
      expect(client.rows.slice(0, client.committed)).toEqual(
        subtask.completed.rows.slice(0, client.committed),
      );
      const answer = await subtask.request({ ...request, rowsMax: 3 });
      // An answer may be lost on its way, and the client asks again.
      if (step === 'read') return answer;
    }
    const { starts, ...last } = subtask.finish();
    const from = last.version === request.version ? Math.max(0, request.offset - last.offset) : 0;
    return {
      ...last,
      voidFrom: voidFrom(starts, request.version),
      offset: last.offset + from,
      rows: last.rows.slice(from),
    };
  };
  const id = { jobId: 'job', operatorId: 'sink', lane: 0 };
  await readResults({ results: results as never }, id, client, new AbortController().signal);
  return { subtask, client };
}

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<Step>('emit') },
    { weight: 2, arbitrary: fc.constantFrom<Step>('begin', 'complete') },
    { weight: 1, arbitrary: fc.constantFrom<Step>('complete unheard', 'fail', 'read in vain') },
    { weight: 3, arbitrary: fc.constant<Step>('read') },
  ),
  { maxLength: 60 },
);

test('every row comes once and in order, whatever fails and whenever the client asks', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const { subtask, client } = await play(all);
      expect(client.rows).toEqual(subtask.rows);
      expect(client.committed).toBe(client.rows.length);
    }),
    { numRuns: 2_000 },
  );
});

describe('after a restore', () => {
  test('rows that a client has of an earlier attempt are void, though a later checkpoint covers as many', async () => {
    const { client } = await play([
      ...(['emit', 'begin', 'complete', 'emit', 'read', 'fail'] as const),
      ...(['emit', 'emit', 'begin', 'complete', 'read'] as const),
    ]);
    expect(client.rows).toEqual(['0:0', '1:1', '1:2']);
  });

  test('they are void also when the client has slept through the attempt that made them anew', async () => {
    const { client } = await play([
      ...(['emit', 'begin', 'complete', 'emit', 'emit', 'read', 'fail'] as const),
      ...(['emit', 'begin', 'complete', 'emit', 'fail', 'emit', 'read'] as const),
    ]);
    expect(client.rows).toEqual(['0:0', '1:1', '2:2']);
  });

  test('the version names the attempt, and the first later one says what is void', () => {
    const starts = [
      { attempt: 2, firstRow: 7 },
      { attempt: 5, firstRow: 9 },
    ];
    const of = (attempt: number): number | null =>
      voidFrom(starts, resultsVersion(attempt, 'a' as AttemptId));
    expect([1, 2, 3, 5].map(of)).toEqual([7, 9, 9, null]);
    expect(voidFrom(starts, '')).toBeNull();
  });
});
