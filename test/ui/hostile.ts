// Text as an enemy would print it, and models with that text in every place that holds text.

import fc from 'fast-check';
import type { ClusterModel, JobModel } from '../../cli/model/cluster-model.ts';
import type { NotebookModel, OutputModel } from '../../cli/model/notebook-model.ts';
import { notebook, output } from './fixture-notebook.ts';
import { cluster, failedJob, manyJobs, restartingJob, taskManager } from './fixtures.ts';

const HOSTILE: readonly string[] = [
  '\x1b[2J\x1b[H',
  '\x1b]0;title\x07',
  '\x1b]52;c;ZXZpbA==\x07',
  '\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\',
  '\x1bP+q544e\x1b\\',
  '\u009b31m\u009d0;x\u009c',
  'line\r\nforged',
  'back\b\b\bspace\x07',
  '\x1b[6n\x1b[c\x1b[21t',
  '\u202eabc\u2066def\u2069',
  'zero\u200bwidth\u200d\u2060\ufeff\u00ad',
  'tag\u{e0041}\u{e007f}',
  `o${'\u0301'.repeat(500)}`,
  '\u0301starts with a mark',
  'lone \ud800 and \udc00',
  '中文字符 한국어 日本語',
  '👩‍👩‍👧‍👦 🇩🇪 👍🏽 ❤️',
  '\u2028\u2029\u0085',
  '\ufffe\uffff\u{10ffff}',
  '\u1100\u1161\u11a8',
  'x'.repeat(10_000),
];

export const hostileText = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
);

/** Every string of a model replaced, but the names of states, which decide what is drawn. */
function poison<T>(value: T, text: (old: string, key: string) => string, key = ''): T {
  const KEPT = new Set(['state', 'status', 'kind', 'severity', 'stage', 'link', 'id', 'jobId']);
  if (typeof value === 'string') return (KEPT.has(key) ? value : text(value, key)) as T;
  if (Array.isArray(value)) return value.map((one) => poison(one, text, key)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, one]) => [name, poison(one, text, name)]);
  return Object.fromEntries(entries) as T;
}

export interface Models {
  readonly job: JobModel;
  readonly cluster: ClusterModel;
  readonly notebook: NotebookModel;
  readonly output: OutputModel;
}

/** Of everything something, with strange numbers too. */
export function poisoned(texts: readonly string[]): Models {
  let next = 0;
  const text = (): string => texts[next++ % texts.length] ?? '';
  const job = poison({ ...failedJob(), checkpoints: restartingJob().checkpoints }, text);
  const strange = { ...job, startMs: Number.NaN, endMs: Number.POSITIVE_INFINITY, restarts: -1 };
  const model = cluster([strange], [taskManager(1, 3, 5), taskManager(2, 0, 0)]);
  return {
    job: strange,
    cluster: poison({ ...model, jobs: [...model.jobs, ...manyJobs(20)] }, text),
    notebook: poison(notebook(), text),
    output: poison(output(30), text),
  };
}
