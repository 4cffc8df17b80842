// What `--jobmanager` takes, as a URL: `host:port`, `host:port/prefix`, or a URL of http or https.

import { usageError } from '../exit-codes.ts';

/** Without a slash at its end. @throws CommandFailure when it is none. */
export function clusterUrl(address: string, flag = '--jobmanager'): string {
  const url = parsed(address);
  if (url === undefined)
    throw usageError(`${flag} takes host:port or a URL, not ${JSON.stringify(address)}`);
  // It would stand in every message, and in the shell's history.
  if (url.username !== '' || url.password !== '')
    throw usageError(
      `${flag} takes no user or password in the address: say --header 'Authorization: …' or --token-file`,
    );
  if (url.search !== '' || url.hash !== '')
    throw usageError(`${flag} takes an address without ? and #, not ${JSON.stringify(address)}`);
  return `${url.protocol}//${url.host}${url.pathname}`.replace(/\/+$/, '');
}

/** A word that is no address may be the name of a context. */
export const isAddress = (word: string): boolean => parsed(word) !== undefined;

function parsed(address: string): URL | undefined {
  const hasScheme = address.includes('://');
  const url = URL.parse(hasScheme ? address : `http://${address}`);
  if (url === null || url.hostname === '') return undefined;
  if (!hasScheme && url.port === '' && !/^[^/]*:80(?:\/|$)/.test(address)) return undefined;
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}
