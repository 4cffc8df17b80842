// DELETE /cluster: jobs are cancelled, TaskManagers let go, the process ends. The answer goes out first.

import type { RestContext } from '../rest-context.ts';
import { ok, type Route } from '../router.ts';

export const shutDownCluster = ({ clock, shutDown }: RestContext): Route => ({
  method: 'DELETE',
  path: '/cluster',
  handle() {
    clock.soon(shutDown);
    return ok({});
  },
});
