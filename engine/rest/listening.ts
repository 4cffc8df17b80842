// Where the door may stand. Whoever comes in can run code on this machine, so off loopback it takes a token,
// and TLS, without which the token could be read on its way. Who wants it otherwise says `rest.auth: none`
// in so many words.

import type { Configuration } from '../core/configuration.ts';
import { SluiceError } from '../core/errors.ts';
import { options } from '../core/options.ts';

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** Where it listens: `rest.bind-address`, else `rest.address`. */
export const bindAddress = (configuration: Configuration): string =>
  configuration.get(options.restBindAddress) || configuration.get(options.restAddress);

export interface OpenDoor {
  /** What whoever started it must be told. */
  readonly risk: string;
  readonly isLoopback: boolean;
}

/**
 * Undefined: nobody comes in without the token.
 * @param said What somebody has configured, without the defaults of the kind of cluster.
 * @throws SluiceError `address` where it must not listen.
 */
export function checkListening(
  configuration: Configuration,
  said: Configuration,
): OpenDoor | undefined {
  const address = bindAddress(configuration);
  const isLoopback = LOOPBACK.has(address);
  const isOpen = configuration.get(options.restAuth) === 'none';
  const can = `whoever can reach ${isLoopback ? 'this port on this machine' : address} can run code here`;
  if (isOpen && (isLoopback || said.has(options.restAuth)))
    return { risk: `${options.restAuth.key} is none: ${can}`, isLoopback };
  if (isLoopback || (!isOpen && configuration.get(options.restTls))) return undefined;
  throw new SluiceError(
    'address',
    `the REST endpoint would listen on ${address}, and ${can}: off loopback it takes ${options.restAuth.key}=token, and ${options.restTls.key}=true with ${options.restKeystore.key}. ${options.restAuth.key}=none, said in so many words, takes the risk (a firewall or proxy before it is yours to keep)`,
  );
}
