// Places of checkpoints and savepoints, as users write them and as Flink does: a path, or a `file:` URL of one.

import { SluiceError } from './errors.ts';

/**
 * The path, without a slash at its end.
 * @throws SluiceError for anything else: what it is relative to, nobody would know.
 */
export function localPath(location: string): string {
  const path = location.startsWith('file:') ? filePath(location) : location;
  if (!path.startsWith('/'))
    throw new SluiceError(
      'no-path',
      `${JSON.stringify(location)} is no absolute path and no file: URL; sluice keeps checkpoints and savepoints in files`,
    );
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}

const filePath = (url: string): string => decodeURIComponent(new URL(url).pathname);
