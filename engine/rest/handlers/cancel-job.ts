// PATCH /jobs/:jobid?mode=cancel, as Flink has it: accepted, not waited for.

import { jobIdOf } from '../path-parameters.ts';
import type { RestContext } from '../rest-context.ts';
import { accepted, type Route } from '../router.ts';

export const cancelJob = ({ dispatcher }: RestContext): Route => ({
  method: 'PATCH',
  path: '/jobs/:jobid',
  handle(request) {
    dispatcher.cancel(jobIdOf(request));
    return accepted({});
  },
});
