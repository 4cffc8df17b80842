// The configuration as the command line sets it: -Dkey=value, and flags that stand for keys. What does not
// fit its key is said before anything starts.

import { Configuration } from '../engine/core/configuration.ts';
import { badValues, unknownKeys } from '../engine/core/option-checks.ts';
import { options } from '../engine/core/options.ts';
import { integer, type ParsedArguments } from './args.ts';
import { usageError } from './exit-codes.ts';
import type { Talk } from './talk.ts';

/** An unknown key is a warning. @throws CommandFailure with exit code 2 for a value that does not fit. */
export function configurationOf(
  args: ParsedArguments,
  talk: Talk,
): Readonly<Record<string, string>> {
  const configuration = new Configuration(args.configuration);
  const [bad] = badValues(configuration);
  if (bad !== undefined) throw usageError(`-D${bad}`);
  for (const unknown of unknownKeys(configuration)) talk.warn(unknown);
  return args.configuration;
}

/** With what `--parallelism` says, for the jobs of this command. */
export function jobConfigurationOf(
  args: ParsedArguments,
  configuration: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const parallelism = integer(args.value('parallelism'), '--parallelism', 1);
  if (parallelism === undefined) return configuration;
  return { ...configuration, [options.parallelism.key]: String(parallelism) };
}

/** How long a program may take to build its job. */
export const programTimeoutMs = (configuration: Readonly<Record<string, string>>): number =>
  new Configuration(configuration).get(options.programTimeout);
