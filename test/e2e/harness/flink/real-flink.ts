// A real Flink as processes of its own: a JobManager and TaskManagers on free ports, their logs in a temporary
// folder, killed whatever becomes of the test. Its configuration is the distribution's; what differs is said
// on the command line.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FLINK_VERSION, flinkHome } from './distribution.ts';

export interface RealFlinkOptions {
  /** Of the cache; or a distribution's own folder. */
  readonly version?: string;
  readonly home?: string;
  readonly slots?: number;
  readonly configuration?: Readonly<Record<string, string>>;
}

const START_MS = 180_000;
/** It lives for a minute: compiling well does not pay. */
const JVM_ARGS = '-XX:TieredStopAtLevel=1 -Xshare:auto';

export class RealFlink {
  readonly home: string;
  readonly folder = mkdtempSync(join(tmpdir(), 'sluice-flink-'));
  readonly #children: ChildProcess[] = [];
  #port = 0;

  /** Resolves when all slots have registered. */
  static async start(options: RealFlinkOptions): Promise<RealFlink> {
    const flink = new RealFlink(options.home ?? flinkHome(options.version ?? FLINK_VERSION));
    try {
      await flink.#start(options);
    } catch (error) {
      await flink.stop();
      throw error;
    }
    return flink;
  }

  private constructor(home: string) {
    this.home = home;
    process.once('exit', this.#kill);
  }

  /** `host:port`. */
  get address(): string {
    return `localhost:${this.#port}`;
  }

  async ask<T>(path: string): Promise<T> {
    return (await (await fetch(`http://${this.address}${path}`)).json()) as T;
  }

  async stop(): Promise<void> {
    process.off('exit', this.#kill);
    const ended = this.#children.map(
      (child) =>
        new Promise((resolve) => {
          if (child.exitCode !== null || child.signalCode !== null) resolve(undefined);
          else child.once('exit', resolve);
        }),
    );
    this.#kill();
    await Promise.all(ended);
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #start({ slots = 4, configuration = {} }: RealFlinkOptions): Promise<void> {
    const [restPort = 0, rpcPort = 0] = await freePorts(2);
    this.#port = restPort;
    const settings = {
      'jobmanager.rpc.port': rpcPort,
      'rest.port': restPort,
      'rest.bind-port': restPort,
      'blob.server.port': 0,
      'taskmanager.numberOfTaskSlots': slots,
      'taskmanager.memory.process.size': '1100m',
      'jobmanager.memory.process.size': '1000m',
      'execution.checkpointing.dir': `file://${this.folder}/checkpoints`,
      'execution.checkpointing.savepoint-dir': `file://${this.folder}/savepoints`,
      'state.checkpoints.dir': `file://${this.folder}/checkpoints`,
      'state.savepoints.dir': `file://${this.folder}/savepoints`,
      'io.tmp.dirs': this.folder,
      'web.tmpdir': this.folder,
      'metrics.fetcher.update-interval': 500,
      ...configuration,
    };
    const options = Object.entries(settings).flatMap(([key, value]) => ['-D', `${key}=${value}`]);
    this.#spawn('jobmanager.sh', options);
    this.#spawn('taskmanager.sh', options);
    await this.#registered(slots);
  }

  #spawn(script: string, options: readonly string[]): void {
    const { FLINK_CONF_DIR: _, FLINK_HOME: __, ...inherited } = process.env;
    const child = spawn(join(this.home, 'bin', script), ['start-foreground', ...options], {
      // A group of its own: the script may have processes below it.
      detached: true,
      stdio: 'ignore',
      env: { ...inherited, JVM_ARGS, FLINK_LOG_DIR: this.folder, FLINK_PID_DIR: this.folder },
    });
    child.on('error', () => undefined); // seen by who waits for the slots
    this.#children.push(child);
  }

  async #registered(slots: number): Promise<void> {
    const deadline = performance.now() + START_MS;
    while (performance.now() < deadline) {
      const overview = await this.ask<{ readonly 'slots-total': number }>('/overview').catch(
        () => undefined,
      );
      if (overview?.['slots-total'] === slots) return;
      await sleep(100);
    }
    throw new Error(`no Flink came up at ${this.address}:\n${this.#logs()}`);
  }

  #logs(): string {
    const names = readdirSync(this.folder).filter((name) => name.endsWith('.log'));
    return names
      .map((name) => readFileSync(join(this.folder, name), 'utf8').slice(-2_000))
      .join('\n');
  }

  readonly #kill = (): void => {
    for (const { pid } of this.#children) {
      try {
        if (pid !== undefined) process.kill(-pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
    }
  };
}

/** Ports that nobody had a moment ago. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => {
            const at = server.address();
            resolve(typeof at === 'object' && at !== null ? at.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
