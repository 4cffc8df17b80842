// The cluster at a glance: /config, /overview, /jobs/overview, as Flink answers them.

import { options } from '../../core/options.ts';
import type { JobDetails } from '../../runtime/jobmaster/job-details.ts';
import type { RestContext } from '../rest-context.ts';
import { ok, type Route } from '../router.ts';
import { FLINK_VERSION } from '../version.ts';
import { taskCounts } from './task-counts.ts';

export const config = ({ configuration }: RestContext): Route => ({
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
});

export const overview = ({ dispatcher, resourceManager }: RestContext): Route => ({
  method: 'GET',
  path: '/overview',
  handle() {
    const taskManagers = resourceManager.taskManagers();
    const states = dispatcher.jobs().map(({ state }) => state);
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
      'flink-commit': 'sluice',
    });
  },
});

export const jobsOverview = ({ dispatcher }: RestContext): Route => ({
  method: 'GET',
  path: '/jobs/overview',
  handle: () => ok({ jobs: dispatcher.jobs().map(jobOverview) }),
});

function jobOverview(details: JobDetails): Record<string, unknown> {
  const { timestamps, nowMs } = details;
  const start = timestamps.CREATED ?? nowMs;
  const end = timestamps.FINISHED ?? timestamps.CANCELED ?? timestamps.FAILED;
  return {
    jid: details.jobId,
    name: details.name,
    'start-time': start,
    'end-time': end ?? -1,
    duration: (end ?? nowMs) - start,
    state: details.state,
    'last-modification': Math.max(...Object.values(timestamps)),
    tasks: taskCounts(details),
    'pending-operators': 0,
  };
}
