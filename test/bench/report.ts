// What a benchmark comes to: cases with their figures, each with its baseline, as a table or as data.

export interface Group {
  readonly cases: readonly Case[];
}

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

export function quantiles(values: readonly number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
  return { n: sorted.length, min: at(0), p50: at(0.5), p95: at(0.95), max: at(1) };
}

const round = (value: number): number => Math.round(value * 10) / 10;

export function table(
  name: string,
  machine: Readonly<Record<string, unknown>>,
  { cases }: Group,
): string {
  const rows = cases.flatMap(({ name: what, unit, figures, baseline, goal }) => {
    const ratio = baseline === undefined ? '' : `×${round(figures.p50 / baseline.figures.p50)}`;
    const aim = goal === undefined ? '' : `≤ ${goal} ${unit}`;
    const row = [what, ...cells(figures), ratio, aim];
    return baseline === undefined
      ? [row]
      : [row, [`  ${baseline.name}`, ...cells(baseline.figures), '', '']];
  });
  const head = ['', 'n', 'min', 'p50', 'p95', 'max', 'p50/base', 'goal'];
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((row) => (row[i] ?? '').length)));
  const lines = all.map((row) =>
    row
      .map((text, i) => (i === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  const on = Object.entries(machine).map(([key, value]) => `${key} ${String(value)}`);
  return `${name}: ${on.join(' · ')}\n\n${lines.join('\n')}\n`;
}

const cells = ({ n, min, p50, p95, max }: Quantiles): string[] =>
  [n, min, p50, p95, max].map(String);
