// Who may come in. A page in a browser must not reach a cluster on this machine, whatever it sends: the Host
// must be ours (no rebinding), an Origin, where there is one, too, and a browser's word that the request
// comes from elsewhere is believed. Absence is allowed: programs send none of these. With `token`, whoever
// does not know it is turned away before the body is read.

import { createHash, timingSafeEqual } from 'node:crypto';

export interface DoorSettings {
  /** Of the address that browsers have it under. */
  readonly scheme: 'http' | 'https';
  /** Undefined: `rest.auth` is none. */
  readonly token: string | undefined;
  /** Names under which this endpoint may be addressed, beside the loopback's. */
  readonly hosts: readonly string[];
  readonly port: () => number;
}

/** Every value of every header, as often as it was sent: of a doubled one, any could be believed further on. */
export type DistinctHeaders = NodeJS.Dict<string[]>;

export type DoorAnswer = 'come in' | { readonly status: 401 | 403; readonly message: string };

const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];

export function door(
  settings: DoorSettings,
  headers: DistinctHeaders,
  tokenFile: string,
): DoorAnswer {
  const allowed = [...LOOPBACK, ...settings.hosts].map((host) => `${host}:${settings.port()}`);
  const { host: hosts = [], origin: origins = [], 'sec-fetch-site': sites = [] } = headers;
  if (hosts.length !== 1 || !hosts.every((host) => allowed.includes(host.toLowerCase()))) {
    return { status: 403, message: 'Forbidden: this is not the host that was asked for.' };
  }
  if (!origins.every((origin) => allowed.some((own) => origin === `${settings.scheme}://${own}`))) {
    return { status: 403, message: 'Forbidden: requests of other origins are not answered.' };
  }
  if (!sites.every((site) => site === 'same-origin' || site === 'none')) {
    return { status: 403, message: 'Forbidden: requests of other sites are not answered.' };
  }
  if (settings.token === undefined || isToken(headers['authorization'], settings.token))
    return 'come in';
  const where = ` It stands in ${tokenFile}.`;
  return {
    status: 401,
    message: `Unauthorized: send the cluster's token as Authorization: Bearer.${where}`,
  };
}

/** In the same time whatever is sent. */
function isToken(authorization: readonly string[] | undefined, token: string): boolean {
  const sent = /^Bearer (.+)$/.exec(authorization?.[0] ?? '')?.[1] ?? '';
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(sent), digest(token));
}
