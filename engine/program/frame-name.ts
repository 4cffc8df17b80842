// Calls as a flame graph names them: the user's functions with their line in the notebook, ours with their
// name.

import type { CallFrame } from '../core/cpu-profile.ts';
import type { Bundle } from './bundle.ts';
import { scriptOf } from './bundle-script.ts';

/** Undefined for the compiler's glue and for V8's own entries. */
export function frameNames(bundle: Bundle): (frame: CallFrame) => string | undefined {
  const script = scriptOf(bundle);
  return ({ functionName, url, lineNumber, columnNumber }) => {
    const name = /^$|^__sluice_/.test(functionName) ? '(anonymous)' : functionName;
    if (url === script.name) {
      const place = script.placeOf(lineNumber + 1, columnNumber + 1);
      return place === undefined ? undefined : `${name}:${place.line} (${place.file})`;
    }
    // `(program)`, `(root)`, built-ins.
    if (url === '') return functionName.startsWith('(') ? undefined : `${name} (V8)`;
    return `${name} (${url.startsWith('node:') ? url : 'sluice'})`;
  };
}
