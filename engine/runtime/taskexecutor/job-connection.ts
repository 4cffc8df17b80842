// A TaskExecutor's side of one job: the way to its JobMaster, in order and without waiting. What cannot be
// delivered is lost with the connection, and losing that ends the job's tasks here.

import { SluiceError } from '../../core/errors.ts';
import type { FencingToken, JobId } from '../../core/ids.ts';
import type { Logger } from '../../core/logger.ts';
import type { Gateway, Remote, RpcService } from '../../rpc/rpc-service.ts';
import type { JobMasterGateway } from '../jobmaster/job-master-gateway.ts';
import type { JobMasterAddress } from './task-executor-gateway.ts';

export class JobConnection {
  readonly jobId: JobId;
  readonly address: JobMasterAddress;
  readonly #log: Logger;
  readonly #remote: Promise<Remote<JobMasterGateway>>;

  constructor(
    jobId: JobId,
    address: JobMasterAddress,
    rpc: RpcService,
    log: Logger,
    onLost: (reason: string) => void,
  ) {
    this.jobId = jobId;
    this.address = address;
    this.#log = log;
    this.#remote = rpc.connect<JobMasterGateway>(address.address, address.endpoint);
    this.#remote.then(
      (remote) => remote.onClose(onLost),
      (error: unknown) => onLost(String(error)),
    );
  }

  get token(): FencingToken {
    return this.address.token;
  }

  async call<R>(call: (gateway: Gateway<JobMasterGateway>) => Promise<R>): Promise<R> {
    return call((await this.#remote).gateway);
  }

  /** For messages whose loss is repaired by the next heartbeat's report. */
  tell(call: (gateway: Gateway<JobMasterGateway>) => Promise<unknown>): void {
    this.call(call).catch((error: unknown) => {
      // A "no", or no answer, is ordinary; anything else is a fault of ours over there.
      const level = error instanceof SluiceError ? 'debug' : 'error';
      this.#log.log(level, `JobMaster of ${this.jobId}: ${String(error)}`);
    });
  }

  close(): void {
    this.#remote.then(
      (remote) => remote.close(),
      () => undefined, // was never open
    );
  }
}
