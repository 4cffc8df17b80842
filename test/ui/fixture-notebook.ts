// The notebook of the fixtures: every kind of cell and every state it can be in, and the rows it prints.

import type {
  CellModel,
  NotebookModel,
  OutputModel,
  OutputRow,
} from '../../cli/model/notebook-model.ts';

type CellOptions = Partial<Omit<CellModel, 'lines'>> & { readonly source: string };

const SOURCES = {
  intro:
    '// # Worst airports\n// Five days of flights; which airport loses most time, hour by hour?',
  source: `import { boundedOutOfOrderness, csv, env, minutes } from 'sluice';

const flights = env
  .read(csv('data/flights.csv.gz', { time: 'local-time', origin: 'string', delay: 'int?' }))
  .assignTimestampsAndWatermarks((flight) => flight.time, boundedOutOfOrderness(minutes(30)));`,
  window: `const perAirport = flights
  .filter((flight) => flight.delay !== undefined) // cancelled flights have none
  .keyBy((flight) => flight.origin)
  .window(tumbling(hours(1)))
  .sideOutputLateData(late)
  .aggregate(mean('delay'));

perAirport.print(\`worst of \${top(5)}\`);`,
  broken: `const alerts = perAirport
  .filter(({ average }) => averge > 90)
  .map(({ origin }) => ({ origin, at: new Date() }));`,
};

const JOB = '7f3a9c0152d84be6a1f00c9be2d41c77';

export function notebook(): NotebookModel {
  let line = 1;
  const make = ({ source, ...rest }: CellOptions, index: number): CellModel => {
    const lines = source.split('\n');
    line += 1;
    const firstLine = line;
    line += lines.length + 1;
    return {
      index,
      title: '',
      kind: 'job',
      run: { status: 'idle' },
      stale: false,
      diagnostics: [],
      version: 0,
      jobId: undefined,
      ...rest,
      lines,
      firstLine,
    };
  };
  const cells = [
    make({ source: SOURCES.intro, title: 'Worst airports', kind: 'markdown' }, 0),
    make({ source: SOURCES.source, title: 'flights', kind: 'library' }, 1),
    make(
      {
        source: SOURCES.window,
        title: 'average delay per airport',
        version: 3,
        jobId: JOB,
        run: { status: 'job', compileMs: 3.1, firstRowMs: 61 },
      },
      2,
    ),
    make({ source: SOURCES.broken, title: 'alerts', version: 1 }, 3),
  ];
  return { path: 'flights.ts', watching: true, problem: undefined, cells: cells.map(withProblem) };
}

function withProblem(cell: CellModel): CellModel {
  if (cell.title !== 'alerts') return cell;
  const problem = {
    severity: 'error',
    message: "Cannot find name 'averge'. Did you mean 'average'?",
    file: 'flights.ts',
    line: cell.firstLine + 1,
    column: 28,
    text: cell.lines[1],
  } as const;
  return { ...cell, run: { status: 'failed', stage: 'compile', problem }, diagnostics: [problem] };
}

const AIRPORTS = ['ORD', 'ATL', 'DFW', 'EWR', 'PHX', 'LAX', 'STL', 'DTW'];

/** As the job of the notebook printed them. */
export const outputs = (total: number): Readonly<Record<string, OutputModel>> => ({
  [JOB]: output(total),
});

/** `total` rows printed so far, of which the newest are kept. */
export function output(total: number): OutputModel {
  const kept = Math.min(total, 500);
  const rows = Array.from({ length: kept }, (_, i) => outputRow(total - kept + i, i > kept - 9));
  return { rows, dropped: total - kept, total, messages: 0 };
}

function outputRow(number: number, tentative: boolean): OutputRow {
  const hour = String(number % 24).padStart(2, '0');
  const isLate = number % 7 === 5;
  const airport = AIRPORTS[(number * 5) % AIRPORTS.length] ?? '';
  return {
    sink: isLate ? 'late' : 'worst',
    subtask: isLate ? 0 : number % 4,
    text: isLate
      ? `{"count":${number * 3},"of":"${airport}"}`
      : `2001-01-03 ${hour}:00  ${airport}  ${(18 + ((number * 37) % 400) / 10).toFixed(1)} min  ${number % 90} flights`,
    tentative,
    message: undefined,
  };
}
