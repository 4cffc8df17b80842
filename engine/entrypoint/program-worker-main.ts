// The thread that evaluates a program and gives the job that it built.

import { parentPort } from 'node:worker_threads';
import { must } from '../core/assert.ts';
import { runProgram } from '../program/program-run.ts';
import type { FromProgram, RunProgram } from './program-messages.ts';
import { programModules } from './program-modules.ts';

const port = must(parentPort, 'the parent of a program');
const post = (message: FromProgram): void => port.postMessage(message);

port.once('message', ({ bundle, surroundings }: RunProgram) => {
  void runProgram({ bundle, surroundings }, programModules).then(async (result) => {
    // Its process ends with the result: what it has printed comes first.
    await printed(process.stdout);
    await printed(process.stderr);
    post({ kind: 'result', result });
  });
});
process.once('beforeExit', () =>
  post({ kind: 'ended', reason: 'the program waits for a promise that nobody settles' }),
);
post({ kind: 'ready' });

const printed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((done) => {
    if (stream.writableLength === 0) done();
    else stream.write('', () => done());
  });
