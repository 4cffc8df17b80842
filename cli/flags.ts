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
    description: 'The cluster, also as a URL; else the current context, or the one that is up.',
  },
  context: {
    kind: 'value',
    value: 'NAME',
    description: 'The cluster, by the name of its context.',
  },
  'token-file': {
    kind: 'value',
    value: 'FILE',
    description: "Holds the cluster's token (also SLUICE_TOKEN).",
  },
  header: {
    kind: 'values',
    value: "'NAME: VALUE'",
    description: 'For a proxy before the cluster; may be repeated.',
  },
  ca: { kind: 'value', value: 'FILE', description: 'Certificates to trust, as PEM, for https.' },
} as const satisfies Flags;

/** Of verbs that bring a cluster along where none is named. */
export const OWN_CLUSTER_FLAGS = {
  ...CLUSTER_FLAGS,
  jobmanager: {
    ...CLUSTER_FLAGS.jobmanager,
    description: 'Run on this cluster instead of one of its own.',
  },
} as const satisfies Flags;
