// The program run: a cell's program builds its job. Pure logic: a process that may be killed runs it
// (entrypoint/), and what a program can do to its process (never end, exit, allocate without bound) is seen
// there. What it can do in JavaScript ends here, as data: a job, or what is wrong with the cell and where.

import { isNativeError } from 'node:util/types';
import { describeError, type ErrorInfo, errorInfo } from '../core/errors.ts';
import type { BlobKey } from '../core/ids.ts';
import type { Surroundings } from '../core/surroundings.ts';
import type { StreamGraph } from '../graph/stream-graph.ts';
import type { Bundle } from './bundle.ts';
import type { SourcePlace } from './bundle-script.ts';
import { deletedBuiltin } from './deleted-builtins.ts';
import { DuplicateUid } from './duplicate-uid.ts';
import { evaluate, type Modules } from './evaluate.ts';
import type { Program } from './program.ts';
import { withFields } from './projection.ts';
import { placeOfThrown } from './source-maps.ts';
import { streamGraphHash } from './stream-graph-hash.ts';

export interface ProgramRequest {
  readonly bundle: Bundle;
  readonly surroundings: Surroundings;
}

export type ProgramResult =
  | {
      readonly status: 'built';
      /** Without operators when the cell has neither a sink nor a preview: it is a library. */
      readonly graph: StreamGraph;
      /** What every slot's evaluation must come to. */
      readonly hash: string;
      readonly blobs: ReadonlyMap<BlobKey, Uint8Array>;
    }
  | ProgramFailure;

export interface ProgramFailure {
  readonly status: 'failed';
  readonly stage: 'program';
  readonly error: ErrorInfo;
  readonly diagnostic: ProgramDiagnostic;
}

/** What the screen shows beside the cell; the line's text is filled in by who has the notebook. */
interface ProgramDiagnostic {
  readonly severity: 'error';
  readonly message: string;
  readonly file: string;
  /** From 1; undefined when what was thrown has no place: it was no Error. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly text: undefined;
}

/** Never rejects. It need not resolve: the caller waits only so long, and then ends the process. */
export async function runProgram(
  { bundle, surroundings }: ProgramRequest,
  modules: Modules,
): Promise<ProgramResult> {
  try {
    const program = await evaluate(bundle, 'program', surroundings, modules);
    return built(program);
  } catch (thrown) {
    const deleted = deletedBuiltin();
    const cause =
      deleted === undefined
        ? thrown
        : new Error(`the program has deleted ${deleted}, which everything rests on`);
    return failure(cause, bundle);
  }
}

function built(program: Program): ProgramResult {
  const { graph, functions, blobs } = program;
  const hash = streamGraphHash(program);
  return { status: 'built', graph: withFields({ graph, functions }), hash, blobs };
}

function failure(thrown: unknown, bundle: Bundle): ProgramFailure {
  const place = placeOf(thrown, bundle);
  const error = programErrorInfo(thrown);
  const diagnostic = {
    severity: 'error',
    message: describeError(error),
    file: place?.file ?? bundle.notebook,
    line: place?.line,
    column: place?.column,
    text: undefined,
  } as const;
  return { status: 'failed', stage: 'program', error, diagnostic };
}

function placeOf(thrown: unknown, bundle: Bundle): SourcePlace | undefined {
  if (!isNativeError(thrown) || !(thrown instanceof DuplicateUid)) return placeOfThrown(thrown);
  const { origin } = thrown;
  return origin && { file: bundle.notebook, line: origin.line, column: origin.column };
}

/** What a program threw, as data, under the names that its author gave to things. */
function programErrorInfo(thrown: unknown): ErrorInfo {
  return inAuthorsWords(errorInfo(thrown));
}

function inAuthorsWords({ name, message, stack, cause }: ErrorInfo): ErrorInfo {
  return {
    name,
    message: withoutImportNames(message),
    ...(stack === undefined ? {} : { stack: withoutImportNames(stack) }),
    ...(cause === undefined ? {} : { cause: inAuthorsWords(cause) }),
  };
}

/** In a bundle `from` of an import is `import_sluice.from`, and V8 calls it `(0 , import_sluice.from)`. */
const withoutImportNames = (text: string): string =>
  text
    .replace(/\(0 , import_\w+\.([\w$]+)\)/g, '$1')
    .replace(/\bimport_\w+\.(?:default\.)?(?=[\w$])/g, '');
