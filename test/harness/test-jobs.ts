// Jobs as they are submitted, from programs that a test writes with the API: no bundler, no evaluation of
// text. A slot that loads such a program calls the function again, so that every attempt has fresh functions.

import { Configuration } from '../../engine/core/configuration.ts';
import { type BlobKey, blobKeyOf, newJobId } from '../../engine/core/ids.ts';
import { SeededRandom } from '../../engine/core/random.ts';
import type { JobSubmission } from '../../engine/runtime/jobmaster/job-submission.ts';
import type { ProgramFunctions } from '../../engine/task/operator-context.ts';
import { type Api, apiOf, newRecorder } from '../api/program.ts';

export type TestProgram = (api: Api) => void;

export class TestJobs {
  readonly #programs = new Map<BlobKey, TestProgram>();
  readonly #random = new SeededRandom(11);

  submission(
    program: TestProgram,
    configuration: Readonly<Record<string, string | number | boolean>> = {},
    attached = true,
  ): JobSubmission {
    const recorder = newRecorder();
    program(apiOf(recorder));
    const { graph, blobs } = recorder.build();
    const bundle = new TextEncoder().encode(`program ${this.#programs.size}`);
    const plan = new TextEncoder().encode('its plan');
    const [bundleKey, planKey] = [blobKeyOf(bundle), blobKeyOf(plan)];
    this.#programs.set(bundleKey, program);
    return {
      jobId: newJobId(this.#random),
      graph,
      bundle: bundleKey,
      plan: planKey,
      blobs: new Map([...blobs, [bundleKey, bundle], [planKey, plan]]),
      configuration: new Configuration(graph.configuration).with(configuration),
      baseDirectory: '/notebooks',
      attached,
      savepointPath: undefined,
      allowNonRestoredState: false,
    };
  }

  /** The functions of a program, made anew. */
  load(bundle: Uint8Array): ProgramFunctions {
    const program = this.#programs.get(blobKeyOf(bundle));
    if (program === undefined) throw new Error('no such program');
    const recorder = newRecorder();
    program(apiOf(recorder));
    return recorder.build().functions;
  }
}
