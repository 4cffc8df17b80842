// Flags that several verbs share.

import type { Flags } from './args.ts';

export const PROGRAM_FLAGS = {
  set: { kind: 'values', value: 'NAME=VALUE', description: 'A value for env.param(NAME, …).' },
  parallelism: {
    kind: 'value',
    short: 'p',
    value: 'N',
    description: 'Parallelism of operators that set none.',
  },
} as const satisfies Flags;

export const CLUSTER_FLAGS = {
  jobmanager: {
    kind: 'value',
    short: 'm',
    value: 'HOST:PORT',
    description: 'The cluster; else the one that is up.',
  },
  'token-file': {
    kind: 'value',
    value: 'FILE',
    description: "Holds the cluster's token (also SLUICE_TOKEN).",
  },
} as const satisfies Flags;

/** Of verbs that bring a cluster along where none is named. */
export const OWN_CLUSTER_FLAGS = {
  ...CLUSTER_FLAGS,
  jobmanager: {
    ...CLUSTER_FLAGS.jobmanager,
    description: 'Run on this cluster instead of one of its own.',
  },
} as const satisfies Flags;
