// Stands behind the `env` of engine/index.ts, where a program was not started by sluice: there is no job to
// record into, so whatever the program does with it says how to start the program.

import { basename } from 'node:path';
import { ProgramError } from './program-error.ts';
import type { Recorder } from './recorder.ts';

export function detachedRecorder(): Recorder {
  const refuse = (): never => {
    const [, program] = process.argv;
    const file = program === undefined ? 'FILE' : basename(program);
    throw new ProgramError(
      'not-a-program',
      `this program builds a job, and sluice has not started it; run it with: npx sluice run ${file}`,
    );
  };
  return {
    addNode: refuse,
    addEdge: refuse,
    change: refuse,
    param: refuse,
    configure: refuse,
    blob: refuse,
    nameJob: refuse,
    origin: () => undefined,
  };
}
