// /jobs/:jobid/resource-requirements, of a cluster that cannot rescale a running job: as Flink's default
// scheduler answers.

import { isTerminalJobState } from '../../graph/execution-state.ts';
import { objectIn, unexpected } from '../body-fields.ts';
import { detailsIfAny } from '../job-lookup.ts';
import { jobIdOf } from '../request-parameters.ts';
import type { RestContext } from '../rest-context.ts';
import { badRequest, serverError } from '../rest-error.ts';
import type { RestRequest, Route } from '../router.ts';

const TYPE = 'JobResourceRequirementsBody';

export function resourceRequirementRoutes(context: RestContext): readonly Route[] {
  const refuse = (request: RestRequest): never => {
    const details = detailsIfAny(context, request);
    if (details === undefined || isTerminalJobState(details.state))
      throw serverError(`Could not find Flink job (${jobIdOf(request)})`);
    throw serverError(
      'The parallelism of a running job cannot be changed without a restart: cancel it and run it again.',
    );
  };
  const path = '/jobs/:jobid/resource-requirements';
  return [
    { method: 'GET', path, handle: refuse },
    {
      method: 'PUT',
      path,
      handle(request) {
        const wanted = Object.entries(objectIn(request, TYPE));
        if (wanted.length === 0)
          throw badRequest('Request body does not specify resource requirements.');
        for (const [vertex, value] of wanted)
          if (!isRequirement(value)) throw unexpected(TYPE, `of vertex ${vertex}`);
        return refuse(request);
      },
    },
  ];
}

function isRequirement(value: unknown): boolean {
  const { parallelism } = (value ?? {}) as { readonly parallelism?: unknown };
  const { lowerBound, upperBound } = (parallelism ?? {}) as Record<string, unknown>;
  return Number.isInteger(lowerBound) && Number.isInteger(upperBound);
}
