// Where in the notebook the caller of the API stands: the innermost frame that lies in it, and the declaration
// around that line. The same in every evaluation of a bundle: the operators' identity hangs on it.

import { getCallSites } from 'node:util';
import type { Origin } from '../graph/stream-graph.ts';
import type { Bundle, BundledCell } from './bundle.ts';
import { findScript } from './bundle-script.ts';

/** Frames of the engine and of libraries that may lie above the notebook's; 200 is the most that Node gives. */
const FRAMES_MAX = 200;

/** Undefined when no frame lies in a notebook. Call it in the same turn as the user's code. */
export function originOfCaller(): Origin | undefined {
  for (const { scriptName, lineNumber, columnNumber } of getCallSites(FRAMES_MAX)) {
    const script = findScript(scriptName);
    const place = script?.placeOf(lineNumber, columnNumber);
    if (script !== undefined && place?.file === script.bundle.source) {
      return originAt(script.bundle, place.line, place.column);
    }
  }
  return undefined;
}

function originAt({ cells }: Bundle, line: number, column: number): Origin {
  for (const cell of cells) {
    const around = cell.declarations.findLast(
      ({ from, to, column: start = 1 }) =>
        line <= to && (from < line || (from === line && start <= column)),
    );
    if (around !== undefined) {
      return { cell: cell.title, variable: around.names.join(', '), line, column };
    }
  }
  const cell = cells.find((one) => covers(one, line));
  return { cell: cell?.title ?? '', variable: '', line, column };
}

const covers = ({ from, to }: BundledCell, line: number): boolean =>
  from !== undefined && to !== undefined && from <= line && line <= to;
