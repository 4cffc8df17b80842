// Loaded before anything else of a process that is to have a planted bug: changes the text of one file of the
// engine while it is loaded. No switch stands in the engine's own code. A text that is not there, or not once,
// ends the process: then the engine has changed, and the table of bugs must follow.

import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { BUGS } from './bugs.ts';

const name = process.env['SLUICE_PLANTED_BUG'];
const bug = BUGS.find((one) => one.name === name);
if (bug === undefined) fail(`no planted bug is called ${name}`);
const target = fileURLToPath(new URL(`../../../engine/${bug.file}`, import.meta.url));

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.startsWith('file:') || fileURLToPath(url) !== target) return loaded;
    const source = String(loaded.source);
    const found = source.split(bug.find).length - 1;
    if (found !== 1)
      fail(`planted bug "${bug.name}": its text stands ${found} times in ${bug.file}: ${bug.find}`);
    return { ...loaded, source: source.replace(bug.find, () => bug.replace) };
  },
});

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
