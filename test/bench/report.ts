// What a benchmark comes to: cases with their figures, each with its baseline, as a table or as data.

export type Group = { readonly cases: readonly Case[] } | { readonly rates: readonly Throughput[] };

export interface Case {
  readonly name: string;
  readonly unit: 'ms';
  readonly figures: Quantiles;
  /** Measured in the same run, in turns. */
  readonly baseline?: { readonly name: string; readonly figures: Quantiles };
  /** What the figure is to stay under. */
  readonly goal?: number;
}

export interface Quantiles {
  readonly n: number;
  readonly min: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** Rounded to tenths, or as fine as `parts` says. */
export function quantiles(values: readonly number[], parts = 10): Quantiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    round(
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN,
      parts,
    );
  return { n: sorted.length, min: at(0), p50: at(0.5), p95: at(0.95), max: at(1) };
}

const round = (value: number, parts = 10): number => Math.round(value * parts) / parts;

/** Events a second, in millions; undefined where the machine does not say. */
export interface Throughput {
  readonly name: string;
  readonly events: number;
  readonly parallelism: number;
  readonly rows: number;
  readonly perSecond: number;
  readonly perCpuSecond: number | undefined;
  readonly peakRssMb: number | undefined;
  /** A hand-written loop in one thread, of the same run. */
  readonly loop: {
    readonly rows: number;
    readonly perSecond: number;
    readonly perCpuSecond: number;
  };
}

export interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number | undefined;
  readonly peakRssBytes?: number | undefined;
  readonly rows: number;
}

/** Medians of the runs. */
export function throughputOf(
  name: string,
  events: number,
  parallelism: number,
  ours: readonly Measured[],
  loop: readonly Measured[],
): Throughput {
  const rate = (runs: readonly Measured[], key: 'seconds' | 'cpuSeconds'): number =>
    thousandths(
      events /
        1e6 /
        quantiles(
          runs.map((run) => run[key] ?? Number.NaN),
          1e6,
        ).p50,
    );
  const peak = ours[0]?.peakRssBytes;
  return {
    name,
    events,
    parallelism,
    rows: ours[0]?.rows ?? 0,
    perSecond: rate(ours, 'seconds'),
    perCpuSecond: ours[0]?.cpuSeconds === undefined ? undefined : rate(ours, 'cpuSeconds'),
    peakRssMb: peak === undefined ? undefined : Math.round(peak / 2 ** 20),
    loop: {
      rows: loop[0]?.rows ?? 0,
      perSecond: rate(loop, 'seconds'),
      perCpuSecond: rate(loop, 'cpuSeconds'),
    },
  };
}

const thousandths = (value: number): number => Math.round(value * 1_000) / 1_000;

export function table(
  name: string,
  machine: Readonly<Record<string, unknown>>,
  group: Group,
): string {
  const on = Object.entries(machine).map(([key, value]) => `${key} ${String(value)}`);
  const rows = 'cases' in group ? latencyRows(group.cases) : throughputRows(group.rates);
  return `${name}: ${on.join(' · ')}\n\n${aligned(rows)}\n`;
}

function throughputRows(rates: readonly Throughput[]): string[][] {
  const head = [
    'M events/s',
    '',
    'p',
    'wall',
    'CPU',
    'RSS MB',
    'rows',
    'loop',
    'CPU',
    'wall/loop',
    'CPU/loop',
  ];
  const lines = rates.map(
    ({ name, parallelism, perSecond, perCpuSecond, peakRssMb, rows, loop }) => [
      name,
      loop.rows === rows ? '' : `loop has ${loop.rows} rows`,
      ...[parallelism, perSecond, perCpuSecond ?? '', peakRssMb ?? '', rows].map(String),
      ...[loop.perSecond, loop.perCpuSecond].map(String),
      (perSecond / loop.perSecond).toFixed(2),
      perCpuSecond === undefined ? '' : (perCpuSecond / loop.perCpuSecond).toFixed(2),
    ],
  );
  return [head, ...lines];
}

function latencyRows(cases: readonly Case[]): string[][] {
  const rows = cases.flatMap(({ name: what, unit, figures, baseline, goal }) => {
    const ratio = baseline === undefined ? '' : `×${round(figures.p50 / baseline.figures.p50)}`;
    const aim = goal === undefined ? '' : `≤ ${goal} ${unit}`;
    const row = [what, ...cells(figures), ratio, aim];
    return baseline === undefined
      ? [row]
      : [row, [`  ${baseline.name}`, ...cells(baseline.figures), '', '']];
  });
  return [['', 'n', 'min', 'p50', 'p95', 'max', 'p50/base', 'goal'], ...rows];
}

/** The first column to the left, the others to the right. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((row) => (row[i] ?? '').length)),
  );
  const lines = rows.map((row) =>
    row
      .map((text, i) => (i === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return lines.join('\n');
}

const cells = ({ n, min, p50, p95, max }: Quantiles): string[] =>
  [n, min, p50, p95, max].map(String);
