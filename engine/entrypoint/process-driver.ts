// TaskManagers as processes of this machine.

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from '../core/configuration.ts';
import { newResourceId, type ResourceId } from '../core/ids.ts';
import type { Random } from '../core/random.ts';
import type { ResourceDriver, WorkerProfile } from '../runtime/resourcemanager/resource-driver.ts';
import { sendSettings } from './child-lifeline.ts';
import { entryPath } from './entries.ts';
import type { LeaderAt, TaskManagerSettings } from './taskmanager-settings.ts';

export interface ProcessDriverSettings {
  /** For the sockets of the processes. */
  readonly directory: string;
  readonly logDirectory: string;
  readonly secret: string;
  readonly leader: LeaderAt;
  readonly configuration: Configuration;
  readonly random: Random;
}

export class ProcessDriver implements ResourceDriver {
  readonly #settings: ProcessDriverSettings;
  readonly #children = new Map<ResourceId, ChildProcess>();
  #onGone: (worker: ResourceId, reason: string) => void = () => undefined;

  constructor(settings: ProcessDriverSettings) {
    this.#settings = settings;
  }

  onWorkerGone(listener: (worker: ResourceId, reason: string) => void): void {
    this.#onGone = listener;
  }

  requestWorker(profile: WorkerProfile): Promise<ResourceId> {
    const { logDirectory, random } = this.#settings;
    const resourceId = newResourceId('taskmanager', random);
    const out = openSync(join(logDirectory, `${resourceId}.out`), 'a', 0o600);
    const log = openSync(join(logDirectory, `${resourceId}.log`), 'a', 0o600);
    const child = spawn(process.execPath, ['--no-warnings', entryPath('taskmanager')], {
      stdio: ['pipe', out, log],
      // A group of its own: the terminal's interrupt is the client's to interpret.
      detached: true,
    });
    closeSync(out);
    closeSync(log);
    this.#children.set(resourceId, child);
    sendSettings(child, this.#settingsOf(resourceId, profile));
    child.unref();
    return new Promise((resolve, reject) => {
      child.once('spawn', () => resolve(resourceId));
      child.once('error', reject);
      child.once('exit', (code, signal) => this.#exited(resourceId, code, signal));
    });
  }

  releaseWorker(worker: ResourceId): void {
    const child = this.#children.get(worker);
    this.#children.delete(worker);
    // Its standard input ends, and with it the process; one that does not is ended.
    child?.stdin?.end();
    child?.kill('SIGKILL');
  }

  listWorkers(): Promise<readonly ResourceId[]> {
    return Promise.resolve([...this.#children.keys()]);
  }

  #exited(resourceId: ResourceId, code: number | null, signal: NodeJS.Signals | null): void {
    if (!this.#children.delete(resourceId)) return; // it was released
    const log = join(this.#settings.logDirectory, `${resourceId}.log`);
    this.#onGone(resourceId, exitReason(code, signal, lastWords(log)));
  }

  #settingsOf(resourceId: ResourceId, profile: WorkerProfile): TaskManagerSettings {
    const { directory, secret, leader, configuration } = this.#settings;
    const short = resourceId.split('-').at(-1);
    return {
      resourceId,
      secret,
      leader,
      address: `unix:${join(directory, `${short}.rpc`)}`,
      dataAddress: `unix:${join(directory, `${short}.data`)}`,
      ...profile,
      configuration: configuration.toRecord(),
    };
  }
}

function exitReason(
  code: number | null,
  signal: NodeJS.Signals | null,
  said: string | undefined,
): string {
  const how = signal === null ? `exited with code ${code}` : `was killed by ${signal}`;
  if (said !== undefined) return `its process ${how}: ${said}`;
  // An allocation too large to fail in the thread that asks for it takes the process along.
  const isAbort =
    ['SIGABRT', 'SIGTRAP', 'SIGILL'].includes(signal ?? '') || code === 134 || code === 133;
  return isAbort ? `its process aborted (${how})` : `its process ${how}`;
}

const LAST_WORDS_BYTES = 16 * 1024;

/** What V8 said before it gave up, e.g. `JavaScript heap out of memory`. */
function lastWords(log: string): string | undefined {
  try {
    const text = readFileSync(log, 'utf8').slice(-LAST_WORDS_BYTES);
    return /^(?:FATAL ERROR: .*|# Fatal (?!error in ).*)$/m.exec(text)?.[0].replace(/^# /, '');
  } catch {
    return undefined; // the log went with the cluster
  }
}
