// sluice info notebook.ts: the plan of its jobs. No cluster is needed, and nothing runs but the program that
// builds them. Of a jar the cluster makes the plan, since a JVM is needed for that.

import { Configuration } from '../../engine/core/configuration.ts';
import type { JobId } from '../../engine/core/ids.ts';
import { jobGraphOf } from '../../engine/graph/job-graph.ts';
import { type JsonPlan, jsonPlan } from '../../engine/graph/json-plan.ts';
import { definitions, type Flags, type ParsedArguments } from '../args.ts';
import { configurationOf, jobConfigurationOf, programTimeoutMs } from '../configuration.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import { onInterrupt } from '../lifecycle.ts';
import { connectNamed } from '../run/connect.ts';
import { refuseFlink } from '../run/flink-target.ts';
import type { BuiltJob } from '../run/job-builder.ts';
import { notebookJobs, selectCells } from '../run/notebook-jobs.ts';
import { planText } from '../run/plan-text.ts';
import { printDiagnostic } from '../run/print-diagnostic.ts';
import { readNotebook } from '../run/run-notebook.ts';
import { stderrTalk } from '../talk.ts';
import { JSON_FLAG, verbOutput } from '../verb-output.ts';
import { RUN_FLAGS } from './run.ts';
import { isJar, jarRequest, withJar } from './run-jar.ts';

const { cell, set, parallelism, jobmanager, context, header, ca } = RUN_FLAGS;

export const INFO_FLAGS: Flags = {
  cell: { ...cell, description: 'The plan of this cell only; may be repeated.' },
  set,
  parallelism,
  class: RUN_FLAGS.class,
  jobmanager: { ...jobmanager, description: 'The cluster that makes the plan of a jar.' },
  context,
  'token-file': RUN_FLAGS['token-file'],
  header,
  ca,
  ...JSON_FLAG,
};

const TITLE = '----------------------- Execution Plan -----------------------';
const NO_JOB = '0'.repeat(32) as JobId;

export async function info(args: ParsedArguments): Promise<number> {
  const [path, ...more] = args.positionals;
  if (path === undefined) throw usageError('info needs a notebook: sluice info notebook.ts');
  if (!isJar(path) && more.length > 0)
    throw usageError(`info takes one notebook, not also ${more.join(' ')}`);
  const { plans, code } = isJar(path) ? await plansOfJar(args) : await plansOfNotebook(args, path);
  const output = verbOutput(args);
  output.result({ plans });
  for (const plan of plans)
    for (const line of [TITLE, ...planText(plan), '-'.repeat(TITLE.length)]) output.line(line);
  return code;
}

interface Plans {
  readonly plans: readonly JsonPlan[];
  readonly code: number;
}

const plansOfJar = (args: ParsedArguments): Promise<Plans> =>
  withJar(args, async (client, jarId) => ({
    plans: [await client.planOfJar(jarId, jarRequest(args))],
    code: EXIT.ok,
  }));

async function plansOfNotebook(args: ParsedArguments, path: string): Promise<Plans> {
  const talk = stderrTalk();
  const named = connectNamed(args);
  if (named !== undefined) await refuseFlink(named.client, 'info').finally(() => named.close());
  const configuration = configurationOf(args, talk);
  const notebook = readNotebook(path);
  const abort = new AbortController();
  const wanted = {
    cells: args.values('cell'),
    parameters: definitions(args.values('set'), '--set'),
    configuration: jobConfigurationOf(args, configuration),
    programTimeoutMs: programTimeoutMs(configuration),
  };
  const cells = selectCells(notebook, wanted.cells);
  const say = (text: string): void => talk.say(text.trimEnd());
  const stop = onInterrupt(async () => abort.abort());
  const { jobs, failures } = await notebookJobs(notebook, cells, wanted, say, abort.signal).finally(
    stop,
  );
  for (const failure of failures) talk.error(printDiagnostic(failure));
  return { plans: jobs.map(planOf), code: failures.length > 0 ? EXIT.compile : EXIT.ok };
}

/** As a cluster that is configured as nobody has said otherwise would run it. */
function planOf({ graph, configuration }: BuiltJob): JsonPlan {
  const effective = new Configuration(graph.configuration).with(configuration);
  return jsonPlan(NO_JOB, jobGraphOf(graph, effective));
}
