// What a real Flink cannot be asked for.

import type { RestClient } from '../../engine/rest/rest-client.ts';
import { usageError } from '../exit-codes.ts';

/** A notebook's jobs run on sluice. @throws CommandFailure when the cluster is a Flink. */
export async function refuseFlink(client: RestClient, verb: string): Promise<void> {
  const { 'flink-revision': revision, 'flink-version': version } = await client.config();
  if (revision === 'sluice') return;
  throw usageError(
    `${client.url} is Apache Flink ${version}, and ${verb} of a notebook there needs the runner, which follows: a jar can be run (sluice run X.jar), a notebook on sluice (without --jobmanager, or on a sluice cluster)`,
  );
}
