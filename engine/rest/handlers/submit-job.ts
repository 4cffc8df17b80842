// POST /sluice/v1/jobs: a plan and a bundle become a job.

import { CorruptData } from '../../core/byte-buffer.ts';
import { Configuration } from '../../core/configuration.ts';
import { type BlobKey, blobKeyOf, type JobId, newJobId } from '../../core/ids.ts';
import { limits } from '../../core/limits.ts';
import { options } from '../../core/options.ts';
import { decodePlan, type Plan } from '../../program/plan.ts';
import type { RestContext } from '../rest-context.ts';
import { badRequest } from '../rest-error.ts';
import { accepted, type Route } from '../router.ts';
import { decodeSubmission, type SubmissionParts } from '../submission-format.ts';

export const submitJob = (context: RestContext): Route => ({
  method: 'POST',
  path: '/sluice/v1/jobs',
  bodyBytesMax: limits.bundleBytesMax + limits.collectionBytesMax + limits.restBodyBytesMax,
  async handle(request) {
    const { parts, plan } = readSubmission(request.body);
    const jobId = (parts.header.jobId as JobId | undefined) ?? newJobId(context.random);
    return accepted({ jobid: await submitParts(context, parts, plan, jobId) });
  },
});

/** Rejects with what the Dispatcher says of a job that it does not take. */
export async function submitParts(
  { dispatcher, configuration }: RestContext,
  { header, bundle, plan: planBytes, blobs }: SubmissionParts,
  plan: Plan,
  jobId: JobId,
): Promise<JobId> {
  const keyed = [bundle, planBytes, ...blobs].map((bytes) => [blobKeyOf(bytes), bytes] as const);
  const [bundleKey, planKey] = keyed.map(([key]) => key) as [BlobKey, BlobKey];
  const whole = configuration
    .with(new Configuration(plan.graph.configuration))
    .with(header.configuration);
  await dispatcher.accept({
    jobId,
    graph: plan.graph,
    bundle: bundleKey,
    plan: planKey,
    blobs: new Map(keyed),
    configuration: whole,
    baseDirectory: header.baseDirectory,
    attached: header.attached,
    savepointPath: header.savepointPath ?? (whole.get(options.recoveryPath) || undefined),
    allowNonRestoredState:
      header.allowNonRestoredState ?? whole.get(options.recoveryIgnoresUnclaimed),
  });
  return jobId;
}

function readSubmission(body: Uint8Array): {
  readonly parts: SubmissionParts;
  readonly plan: Plan;
} {
  try {
    const parts = decodeSubmission(body);
    return { parts, plan: decodePlan(parts.plan) };
  } catch (error) {
    if (error instanceof CorruptData || error instanceof SyntaxError) {
      throw badRequest(`not a job submission: ${error.message}`);
    }
    throw error;
  }
}
