// The cluster at a glance: /config, /overview, /jobs, /jobs/overview, as Flink answers them.

import { options } from '../../core/options.ts';
import { jobOverviewJson } from '../json/job-json.ts';
import type { RestContext } from '../rest-context.ts';
import { ok, type Route } from '../router.ts';
import { FLINK_VERSION } from '../version.ts';

/** Where Flink has the hash of its commit: seven hex digits. */
const COMMIT = '5111ce0';

export const overviewRoutes = ({
  configuration,
  dispatcher,
  resourceManager,
}: RestContext): readonly Route[] => [
  {
    method: 'GET',
    path: '/config',
    handle: () =>
      ok({
        'refresh-interval': configuration.get(options.refreshInterval),
        'timezone-name': 'Coordinated Universal Time',
        'timezone-offset': 0,
        'flink-version': FLINK_VERSION,
        'flink-revision': 'sluice',
        features: {
          'web-submit': true,
          'web-cancel': true,
          'web-rescale': false,
          'web-history': false,
        },
      }),
  },
  {
    method: 'GET',
    path: '/overview',
    handle() {
      const taskManagers = resourceManager.taskManagers();
      const states = dispatcher.states().map(({ state }) => state);
      const count = (...wanted: readonly string[]): number =>
        states.filter((state) => wanted.includes(state)).length;
      return ok({
        taskmanagers: taskManagers.length,
        'slots-total': taskManagers.reduce((sum, { slotsTotal }) => sum + slotsTotal, 0),
        'slots-available': taskManagers.reduce((sum, { slotsFree }) => sum + slotsFree, 0),
        'jobs-running': states.length - count('FINISHED', 'CANCELED', 'FAILED'),
        'jobs-finished': count('FINISHED'),
        'jobs-cancelled': count('CANCELED'),
        'jobs-failed': count('FAILED'),
        'flink-version': FLINK_VERSION,
        'flink-commit': COMMIT,
      });
    },
  },
  {
    method: 'GET',
    path: '/jobs',
    handle: () =>
      ok({ jobs: dispatcher.states().map(({ jobId, state }) => ({ id: jobId, status: state })) }),
  },
  {
    method: 'GET',
    path: '/jobs/overview',
    handle: () => ok({ jobs: dispatcher.jobs().map(jobOverviewJson) }),
  },
];
