// What a benchmark comes to: cases with their figures, each with its baseline, as a table or as data.

export type Group =
  | { readonly cases: readonly Case[] }
  | { readonly rates: readonly Throughput[] }
  | { readonly facts: readonly Fact[] }
  | { readonly grids: readonly Grid[] };

/** One figure that stands for itself. */
interface Fact {
  readonly name: string;
  readonly value: string;
  /** What a baseline came to, in the same run. */
  readonly beside?: string;
  readonly goal?: string;
}

/** Figures side by side: of what was measured in turns, in rows. */
export interface Grid {
  /** Of the first column, then of each value, with its unit. */
  readonly head: readonly string[];
  readonly rows: readonly GridRow[];
}

export interface GridRow {
  readonly name: string;
  readonly values: readonly (number | undefined)[];
}

export interface Case {
  readonly name: string;
  readonly unit: 'ms' | 'ns' | 'B';
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
  /** Apache Flink, of the same run, its first run of the query aside. */
  readonly flink: Rival | undefined;
}

export interface Rival {
  readonly api: 'DataStream' | 'SQL';
  readonly rows: number;
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

export interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number | undefined;
  readonly peakRssBytes?: number | undefined;
  readonly rows: number;
}

export interface Contestants {
  readonly ours: readonly Measured[];
  readonly loop: readonly Measured[];
  readonly flink?: { readonly api: Rival['api']; readonly runs: readonly Measured[] } | undefined;
}

/** Medians of the runs. */
export function throughputOf(
  name: string,
  events: number,
  parallelism: number,
  { ours, loop, flink }: Contestants,
): Throughput {
  const rates = (runs: readonly Measured[]): Omit<Rival, 'api'> => ({
    rows: runs[0]?.rows ?? 0,
    perSecond: rateOf(events, runs, 'seconds'),
    perCpuSecond: rateOf(events, runs, 'cpuSeconds'),
  });
  const { perCpuSecond, ...own } = rates(ours);
  const peak = ours[0]?.peakRssBytes;
  return {
    name,
    events,
    parallelism,
    ...own,
    perCpuSecond: ours[0]?.cpuSeconds === undefined ? undefined : perCpuSecond,
    peakRssMb: peak === undefined ? undefined : Math.round(peak / 2 ** 20),
    loop: rates(loop),
    flink: flink === undefined ? undefined : { api: flink.api, ...rates(flink.runs) },
  };
}

/** Millions a second. */
function rateOf(events: number, runs: readonly Measured[], key: 'seconds' | 'cpuSeconds'): number {
  const took = runs.map((run) => run[key] ?? Number.NaN);
  return thousandths(events / 1e6 / quantiles(took, 1e6).p50);
}

const thousandths = (value: number): number => Math.round(value * 1_000) / 1_000;

export function table(
  name: string,
  machine: Readonly<Record<string, unknown>>,
  group: Group,
): string {
  const on = Object.entries(machine).map(([key, value]) => `${key} ${String(value)}`);
  const tables = 'grids' in group ? group.grids.map(gridRows) : [rowsOf(group)];
  return `${name}: ${on.join(' · ')}\n\n${tables.map(aligned).join('\n\n')}\n`;
}

function rowsOf(
  group: Exclude<Group, { readonly grids: unknown }>,
): readonly (readonly string[])[] {
  if ('cases' in group) return latencyRows(group.cases);
  if ('rates' in group) return throughputRows(group.rates);
  const rows = group.facts.map(({ name, value, beside = '', goal = '' }) => [
    ...[name, value, beside, goal],
  ]);
  return [['', 'measured', 'bare server', 'goal'], ...rows];
}

const gridRows = ({ head, rows }: Grid): (readonly string[])[] => [
  head,
  ...rows.map(({ name, values }) => [
    name,
    ...values.map((value) => (value === undefined ? '' : value.toFixed(value < 10 ? 2 : 1))),
  ]),
];

function throughputRows(rates: readonly Throughput[]): string[][] {
  const hasFlink = rates.some(({ flink }) => flink !== undefined);
  const lines = rates.map((rate) => [...ownCells(rate), ...(hasFlink ? flinkCells(rate) : [])]);
  if (!hasFlink) return [OWN_HEAD, ...lines];
  return [[...OWN_HEAD, ...FLINK_HEAD], ...lines, meanLine(rates)];
}

const OWN_HEAD = [
  ...['M events/s', 'p', 'wall', 'CPU', 'RSS MB', 'rows'],
  ...['loop', 'CPU', 'rows', '/loop', 'CPU'],
];
const FLINK_HEAD = ['Flink', 'CPU', 'rows', 'API', '/Flink', 'CPU'];

function ownCells(rate: Throughput): string[] {
  const { name, parallelism, perSecond, perCpuSecond, peakRssMb, rows, loop } = rate;
  return [
    ...[name, parallelism, perSecond, perCpuSecond ?? '', peakRssMb ?? '', rows].map(String),
    ...[loop.perSecond, loop.perCpuSecond, loop.rows].map(String),
    ...ratios(rate, loop),
  ];
}

function flinkCells(rate: Throughput): string[] {
  const { flink } = rate;
  if (flink === undefined) return FLINK_HEAD.map(() => '');
  const { perSecond, perCpuSecond, rows, api } = flink;
  return [...[perSecond, perCpuSecond, rows, api].map(String), ...ratios(rate, flink)];
}

type Rates = Pick<Rival, 'perSecond' | 'perCpuSecond'>;

function ratios({ perSecond, perCpuSecond }: Throughput, to: Rates): string[] {
  return [
    (perSecond / to.perSecond).toFixed(2),
    perCpuSecond === undefined ? '' : (perCpuSecond / to.perCpuSecond).toFixed(2),
  ];
}

/** The geometric means of the ratios to Flink. */
function meanLine(rates: readonly Throughput[]): string[] {
  const met = rates.flatMap((rate) => (rate.flink === undefined ? [] : [ratios(rate, rate.flink)]));
  const mean = (column: number): string => {
    const logs = met.map((pair) => Math.log(Number(pair[column])));
    return Math.exp(logs.reduce((a, b) => a + b, 0) / logs.length).toFixed(2);
  };
  const head = ['geometric mean', ...Array.from({ length: OWN_HEAD.length + 3 }, () => '')];
  return [...head, mean(0), mean(1)];
}

function latencyRows(cases: readonly Case[]): string[][] {
  const rows = cases.flatMap(({ name: what, unit, figures, baseline, goal }) => {
    const ratio =
      baseline === undefined ? '' : `×${round(figures.p50 / baseline.figures.p50, 100)}`;
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
