// What happens to messages, and to the connections that carry them: lost, late, doubled, overtaken; and who dies when one
// comes.

import { below, unit } from '../../engine/core/random.ts';
import type { TaskStateUpdate } from '../../engine/runtime/jobmaster/job-master-gateway.ts';
import type { Seen } from '../harness/memory-network.ts';
import type { Kind } from './faults.ts';

/** What TaskManagers and JobManagers tell one another. */
export const METHODS = [
  'acknowledgeCheckpoint',
  'acknowledgeCheckpoint',
  'notifyCheckpoint',
  'notifyCheckpoint',
  'triggerCheckpoint',
  'submitTask',
  'offerSlots',
  'requestSlot',
  'operatorEvent',
  'sendOperatorEvent',
  'updateTaskState',
  'cancelTask',
  'requestResults',
  'freeSlot',
] as const;

const deathAtMessage: Kind = (faults) => {
  const method = METHODS[below(faults.random, METHODS.length)];
  faults.atMessage(
    (seen) => seen.method === method,
    4,
    (seen) => {
      const taskManager = faults.named(seen.from) ?? faults.named(seen.to);
      if (taskManager === undefined) return true;
      faults.happens(`${taskManager.resourceId} ${faults.end(taskManager)} at ${seen.t} ${method}`);
      return below(faults.random, 2) === 0;
    },
  );
};

/** Such as are said once, and then with heartbeats. */
const SAID: readonly { readonly what: string; readonly fits: (message: Seen) => boolean }[] = [
  ...METHODS.map((method) => ({ what: method, fits: (seen: Seen) => seen.method === method })),
  ...(['INITIALIZING', 'RUNNING', 'DATA_ENDED', 'ENDED'] as const).map((state) => ({
    what: `that a task is ${state}`,
    fits: ({ method, args }: Seen) =>
      method === 'updateTaskState' && (args[1] as TaskStateUpdate | undefined)?.state === state,
  })),
];

/** Whenever it comes; and in half of the cases what was to be repaired then is needed soon. */
const lostMessage: Kind = (faults) => {
  const said = SAID[below(faults.random, SAID.length)];
  faults.atMessage(
    (seen) => said?.fits(seen) === true,
    6,
    ({ t, from }) => {
      faults.disturbs(`${t} ${said?.what} from ${from} is lost`);
      if (below(faults.random, 2) === 0) faults.crashSoon();
      return false;
    },
    LONG_MS,
  );
};

const LONG_MS = 4_000;

/** A job restarts, and what it begins with does not arrive; then it restarts from what has come of that. */
const lossyStart: Kind = (faults) => {
  const { random, cluster } = faults;
  const crash = (): void => faults.cluster.crashAny();
  faults.happens('a thread crashes');
  crash();
  const forMs = faults.onMessages(
    150,
    200,
    ({ method }) => !STARTING.includes(method) || below(random, 2) === 0,
  );
  faults.disturbs(`half of what readers are told is lost for ${forMs.toFixed(0)} ms`, forMs);
  cluster.clock.after(forMs + unit(random) * 200, crash);
};

const STARTING = ['operatorEvent', 'sendOperatorEvent', 'triggerCheckpoint'];

const lostMessages: Kind = (faults) => {
  const forMs = faults.onMessages(20, 150, () => below(faults.random, 6) > 0);
  faults.disturbs(`one message in six is lost for ${forMs.toFixed(0)} ms`, forMs);
};

const doubledMessages: Kind = (faults) => {
  const { network } = faults.cluster;
  network.repeats = () => below(faults.random, 3) === 0;
  const forMs = faults.forAWhile(20, 300, () => {
    network.repeats = () => false;
  });
  faults.disturbs(`one call in three comes twice for ${forMs.toFixed(0)} ms`, forMs);
};

const lateMessages: Kind = (faults) => {
  const { network, sockets } = faults.cluster;
  const lateMs = 5 + unit(faults.random) * 50;
  const isData = below(faults.random, 2) === 0;
  if (isData) sockets.lateMs = lateMs;
  else network.lateMs = lateMs;
  const forMs = faults.forAWhile(20, 200, () => {
    if (isData) sockets.lateMs = 0;
    else network.lateMs = 0;
  });
  const what = isData ? 'records' : 'messages';
  faults.disturbs(`${what} take ${lateMs.toFixed(0)} ms more for ${forMs.toFixed(0)} ms`, forMs);
};

/** What goes the one way is overtaken by what goes another. */
const slowWay: Kind = (faults) => {
  const taskManager = faults.any()?.resourceId;
  if (taskManager === undefined) return;
  const { network } = faults.cluster;
  const [from, to] =
    below(faults.random, 2) === 0
      ? [faults.leaderName, taskManager]
      : [taskManager, faults.leaderName];
  const lateMs = 20 + unit(faults.random) * 200;
  network.slow(from, to, lateMs);
  const forMs = faults.forAWhile(50, 300, () => network.slow(from, to, 0));
  faults.disturbs(
    `${from} to ${to} takes ${lateMs.toFixed(0)} ms for ${forMs.toFixed(0)} ms`,
    forMs,
  );
};

const brokenConnections: Kind = (faults) => {
  const { network, sockets } = faults.cluster;
  if (below(faults.random, 2) === 0) {
    if (sockets.breakOne((count) => below(faults.random, count)))
      faults.happens('a data connection breaks');
    return;
  }
  if (below(faults.random, 2) === 0) {
    const between = network.breakOne((count) => below(faults.random, count));
    if (between !== undefined) faults.happens(`a connection of ${between} breaks`);
    return;
  }
  const taskManager = faults.any()?.resourceId;
  if (taskManager === undefined) return;
  faults.happens(`the connections of ${taskManager} break`);
  network.breakConnections(taskManager);
};

export const MESSAGE_KINDS: readonly Kind[] = [
  deathAtMessage,
  lostMessage,
  lostMessage,
  lostMessages,
  lossyStart,
  doubledMessages,
  lateMessages,
  slowWay,
  brokenConnections,
];
