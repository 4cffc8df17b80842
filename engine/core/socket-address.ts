// Addresses of processes: `unix:/path` or `tcp:host:port`, as Node's net module wants them.

import { SluiceError } from './errors.ts';

export function socketOptions(address: string): { path: string } | { host: string; port: number } {
  if (address.startsWith('unix:')) return { path: address.slice('unix:'.length) };
  const match = /^tcp:(.+):(\d+)$/.exec(address);
  if (match === null) throw new SluiceError('bad-address', `not an address: ${address}`);
  return { host: match[1] as string, port: Number(match[2]) };
}
