// The configuration keys of high availability, with Flink's names where Flink has them.

import { choiceOption, durationOption, textOption } from './configuration.ts';

export const haOptions = {
  haType: choiceOption('high-availability.type', ['none', 'filesystem'], {
    aliases: ['high-availability'],
    defaultValue: 'none',
    description: 'Whether another JobManager goes on when the one that leads is gone.',
  }),
  haStorage: textOption('high-availability.storageDir', {
    defaultValue: '',
    description: 'A directory that all JobManagers of a cluster share.',
  }),
  haClusterId: textOption('high-availability.cluster-id', {
    aliases: ['high-availability.zookeeper.path.namespace'],
    defaultValue: 'default',
    description: 'Which cluster of that directory: those with one id are one cluster.',
  }),
  haLeaseTimeout: durationOption('sluice.high-availability.lease-timeout', {
    defaultValue: 1_500,
    description: 'A leader that has not been heard of for so long is replaced.',
  }),
} as const;
