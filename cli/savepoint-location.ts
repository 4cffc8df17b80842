// Where a savepoint is, or goes, as the cluster must be told: it does not know the folder of this terminal.

import { resolve } from 'node:path';

/** A URL stays as it is; a relative path is made absolute. */
export const savepointLocation = (text: string): string =>
  /^[a-z][a-z0-9+.-]*:/i.test(text) ? text : resolve(text);
