// Evaluates a bundle: runs it as a script in this thread, with sluice and Node's modules handed in, and gives
// the job that it built. No module is imported, so that nothing is left when the program is let go. How long
// it may take is the host's business: who waits for a stuck program is outside its process.

import { isBuiltin } from 'node:module';
import { Script } from 'node:vm';
import type { Recorder } from '../api/recorder.ts';
import type { Surroundings } from '../core/surroundings.ts';
import type { Collection } from '../graph/stream-graph.ts';
import type { Bundle } from './bundle.ts';
import { type BundleScript, keepWith, scriptOf } from './bundle-script.ts';
import { originOfCaller } from './call-sites.ts';
import { GraphRecorder } from './graph-recorder.ts';
import type { EvaluationMode, Program } from './program.ts';
import { slotModule } from './slot-modules.ts';
import { SlotEvaluation } from './slot-surroundings.ts';
import { mapStackTraces, placeOfThrown } from './source-maps.ts';

/** What a bundle is given beside Node's own modules. */
export interface Modules {
  /** The module that it gets as `sluice`. */
  createApi(recorder: Recorder): Readonly<Record<string, unknown>>;
  /**
   * Called after a program that attached no sink, with the value of the cell's last expression: when that is
   * a stream, this attaches the sink that shows it. What it records belongs to the cell.
   */
  preview?(value: unknown, recorder: Recorder): void;
}

/**
 * @param collections What `from(iterable)` held when the job was built: in a slot, where nothing is drained.
 * @throws What the program throws, with its stack in the notebook's lines.
 */
export async function evaluate(
  bundle: Bundle,
  mode: EvaluationMode,
  surroundings: Surroundings,
  modules: Modules,
  collections: readonly Collection[] = [],
): Promise<Program> {
  mapStackTraces();
  const script = scriptOf(bundle);
  const recorder = new GraphRecorder({
    bundle,
    surroundings,
    origin: originOfCaller,
    collections: mode === 'slot' ? collections : undefined,
  });
  const load = loader(mode, modules.createApi(recorder), ownProcess(surroundings.environment));
  const body = compile(script);
  const run = async (): Promise<Program> => {
    const value = await body(load('process'))(load, (cell) => recorder.enterCell(cell));
    if (!recorder.hasSink) modules.preview?.(value, recorder);
    return recorder.build(value);
  };
  try {
    const program =
      mode === 'slot' ? await new SlotEvaluation(surroundings).run(run, bundle.code) : await run();
    keepWith(script, program.functions.values());
    return program;
  } catch (error) {
    placeOfThrown(error); // writes its stack while the script is known
    throw error;
  }
}

type Load = (name: string) => unknown;
type Body = (load: Load, enterCell: (cell: number) => void) => Promise<unknown>;

/** The bundle's code as a function of `process`, which is the one global that it gets from us. */
function compile({ name, bundle }: BundleScript): (process: unknown) => Body {
  const open = '(process) => async function (__require, __cell) { "use strict";';
  const script = new Script(`${open}\n${bundle.code}\n}`, { filename: name, lineOffset: -1 });
  // The text is the compiler's: a function, as its first line says.
  return script.runInThisContext() as (process: unknown) => Body;
}

function loader(mode: EvaluationMode, sluice: unknown, process: NodeJS.Process): Load {
  return (specifier) => {
    if (specifier === 'sluice') return sluice;
    const name = specifier.replace(/^node:/, '');
    if (name === 'process') return process;
    if (!isBuiltin(specifier)) throw new Error(`there is no module "${specifier}" in a program`);
    return mode === 'slot' ? slotModule(name) : process.getBuiltinModule(specifier);
  };
}

/** `process` with the submission's environment, at whatever time and place a function asks for it. */
function ownProcess(environment: Readonly<Record<string, string>>): NodeJS.Process {
  const env = { ...environment };
  return new Proxy(process, {
    get: (target, key) => (key === 'env' ? env : (Reflect.get(target, key) as unknown)),
    set: (target, key, value) => key !== 'env' && Reflect.set(target, key, value),
  });
}
