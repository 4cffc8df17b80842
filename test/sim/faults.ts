// The faults of a run, drawn from its seed: deaths of processes and threads, messages of the RPC that are lost,
// late or doubled, a disk that is slow or full for a while, two processes that do not hear one another.

import { below, unit } from '../../engine/core/random.ts';
import { fileError } from '../harness/memory-files.ts';
import type { MiniCluster } from '../harness/mini-cluster.ts';

type Tell = (fault: string) => void;
type Fault = (cluster: MiniCluster, tell: Tell) => void;

/** Virtual time: most runs last longer. */
const WITHIN_MS = 400;
const FAULTS_MAX = 6;
/** What the disk of a mini cluster takes. */
const DISK_MS = 0.5;

/** Each comes at a moment of its own. */
export function planFaults(cluster: MiniCluster, tell: Tell): void {
  const { random, clock } = cluster;
  for (let i = below(random, FAULTS_MAX); i > 0; i--) {
    const fault = FAULTS[below(random, FAULTS.length)];
    clock.after(unit(random) * WITHIN_MS, () => fault?.(cluster, tell));
  }
}

const death: Fault = (cluster, tell) => {
  tell('a TaskManager is killed');
  cluster.killAny();
};

const crash: Fault = (cluster, tell) => {
  tell('a thread crashes');
  cluster.crashAny();
};

const lostMessages: Fault = ({ network, random, clock }, tell) => {
  const forMs = 20 + unit(random) * 100;
  tell(`one message in ten is lost for ${forMs.toFixed(0)} ms`);
  network.delivers = () => below(random, 10) > 0;
  clock.after(forMs, () => {
    network.delivers = () => true;
  });
};

const doubledMessages: Fault = ({ network, random, clock }, tell) => {
  const forMs = 20 + unit(random) * 200;
  tell(`one call in five comes twice for ${forMs.toFixed(0)} ms`);
  network.repeats = () => below(random, 5) === 0;
  clock.after(forMs, () => {
    network.repeats = () => false;
  });
};

const lateMessages: Fault = ({ network, random, clock }, tell) => {
  const forMs = 20 + unit(random) * 200;
  network.lateMs = 5 + unit(random) * 50;
  tell(`messages take ${network.lateMs.toFixed(0)} ms more for ${forMs.toFixed(0)} ms`);
  clock.after(forMs, () => {
    network.lateMs = 0;
  });
};

const slowDisk: Fault = ({ files, random, clock }, tell) => {
  const forMs = 50 + unit(random) * 300;
  tell(`the disk takes 20 ms for ${forMs.toFixed(0)} ms`);
  files.latencyMs = 20;
  clock.after(forMs, () => {
    files.latencyMs = DISK_MS;
  });
};

const fullDisk: Fault = ({ files, random, clock }, tell) => {
  const forMs = 20 + unit(random) * 150;
  tell(`the disk is full for ${forMs.toFixed(0)} ms`);
  files.before = (operation, path) => {
    if (operation === 'writeFile' || operation === 'makeDirectory') throw fileError('ENOSPC', path);
  };
  clock.after(forMs, () => {
    files.before = () => undefined;
  });
};

/** Sometimes beyond the time after which a TaskManager that is not heard of is lost. */
const partition: Fault = ({ network, random, clock, taskManagers }, tell) => {
  const chosen = taskManagers[below(random, taskManagers.length)]?.resourceId;
  if (chosen === undefined) return;
  const forMs = 100 + unit(random) * 5_000;
  tell(`${chosen} and the JobManager are cut off from one another for ${forMs.toFixed(0)} ms`);
  network.cut(chosen, 'jobmanager');
  clock.after(forMs, () => network.join(chosen, 'jobmanager'));
};

const FAULTS: readonly Fault[] = [
  death,
  death,
  crash,
  lostMessages,
  doubledMessages,
  lateMessages,
  slowDisk,
  fullDisk,
  partition,
];
