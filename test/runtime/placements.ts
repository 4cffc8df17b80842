// Where the two ends of an exchange may be: what a program may do and what comes of it is the same in each.

import type { MiniClusterSettings } from '../harness/mini-cluster.ts';

export interface Placement {
  readonly where: string;
  readonly cluster: MiniClusterSettings;
  /** The slot sharing group of what stands behind the exchange. */
  readonly group: string;
}

export const PLACEMENTS: readonly Placement[] = [
  {
    where: 'in one slot',
    cluster: { taskManagers: 1, slotsPerTaskManager: 1 },
    group: 'default',
  },
  {
    where: 'between two slots of a process',
    cluster: { taskManagers: 1, slotsPerTaskManager: 2 },
    group: 'behind',
  },
  {
    where: 'between two processes',
    cluster: { taskManagers: 2, slotsPerTaskManager: 1 },
    group: 'behind',
  },
];
