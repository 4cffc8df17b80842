// The thread that type-checks: a built entry of its own, since TypeScript is 9 MB that the cli shall not load
// and a check is 50 ms that the screen shall not wait for. It answers one question after another; what is
// worth asking, its owner decides (type-service.ts).

import { parentPort } from 'node:worker_threads';
import { must } from '../../engine/core/assert.ts';
import { NotebookChecker } from './notebook-checker.ts';
import type { FromTypes, ToTypes } from './type-messages.ts';

const port = must(parentPort, 'the parent of the type checker');
let checker: NotebookChecker | undefined;

/** There is one at a time: each holds some 100 MB. */
function checkerOf(path: string): NotebookChecker {
  if (checker?.path !== path || !checker.isCurrent()) checker = new NotebookChecker(path);
  return checker;
}

function answer(question: ToTypes): FromTypes {
  const { path, text } = question;
  switch (question.kind) {
    case 'check':
      return { kind: 'findings', findings: checkerOf(path).check(text) };
    case 'type': {
      const { line, column } = question;
      return { kind: 'type', type: checkerOf(path).typeAt(text, line, column) };
    }
  }
}

port.on('message', (question: ToTypes) => port.postMessage(answer(question)));
