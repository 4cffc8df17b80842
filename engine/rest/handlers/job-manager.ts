// The JobManager itself: its configuration, with what must stay secret masked, its surroundings, its thread.

import { arch } from 'node:os';
import type { Configuration } from '../../core/configuration.ts';
import type { RestContext } from '../rest-context.ts';
import { ok, type Route } from '../router.ts';
import { threadInfo } from './task-managers.ts';

/** Flink's own list of what a key must not contain to be shown. */
const SECRET =
  /password|passwd|secret|fs\.azure\.account\.key|apikey|api-key|auth-params|service-key|token|basic-auth|jaas\.config|http-headers|credential|private/i;

export const jobManagerRoutes = ({ configuration }: RestContext): readonly Route[] => {
  const config = (): ReturnType<typeof ok> => ok(configurationJson(configuration));
  const environment = (): ReturnType<typeof ok> => ok(environmentJson());
  return [
    { method: 'GET', path: '/jobmanager/config', handle: config },
    { method: 'GET', path: '/jobs/:jobid/jobmanager/config', handle: config },
    { method: 'GET', path: '/jobmanager/environment', handle: environment },
    { method: 'GET', path: '/jobs/:jobid/jobmanager/environment', handle: environment },
    {
      method: 'GET',
      path: '/jobmanager/thread-dump',
      // It runs in one thread, and whenever it can answer, that is what it does.
      handle: () => ok({ threadInfos: [threadInfo('jobmanager', ownStack())] }),
    },
  ];
};

const configurationJson = (
  configuration: Configuration,
): readonly { readonly key: string; readonly value: string }[] =>
  Object.entries(configuration.toRecord()).map(([key, value]) => ({
    key,
    value: SECRET.test(key) ? '******' : value,
  }));

/** Arguments and variables of the process are not shown: they may hold secrets. */
const environmentJson = (): unknown => ({
  jvm: {
    version: `Node.js ${process.version} (V8 ${process.versions.v8})`,
    arch: arch(),
    options: [],
  },
  classpath: [],
});

const ownStack = (): string => new Error('').stack?.split('\n').slice(1).join('\n') ?? '';
