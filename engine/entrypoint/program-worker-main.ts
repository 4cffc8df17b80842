// The thread that evaluates a program and gives the job that it built.

import { parentPort } from 'node:worker_threads';
import { must } from '../core/assert.ts';
import { runProgram } from '../program/program-run.ts';
import type { FromProgram, RunProgram } from './program-messages.ts';
import { programModules } from './program-modules.ts';

const port = must(parentPort, 'the parent of a program');
const post = (message: FromProgram): void => port.postMessage(message);

port.once('message', ({ bundle, surroundings }: RunProgram) => {
  void runProgram({ bundle, surroundings }, programModules).then((result) =>
    post({ kind: 'result', result }),
  );
});
post({ kind: 'ready' });
