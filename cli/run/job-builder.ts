// From a notebook's cell to a job that can be submitted: parse, bundle, run the program.

import { dirname } from 'node:path';
import type { Surroundings } from '../../engine/core/surroundings.ts';
import type { ProgramRunner } from '../../engine/entrypoint/program-runner.ts';
import type { StreamGraph } from '../../engine/graph/stream-graph.ts';
import { encodeBundle } from '../../engine/program/bundle.ts';
import { encodePlan } from '../../engine/program/plan.ts';
import type { CellBundler } from '../compiler/bundle-cell.ts';
import { type Diagnostic, withText } from '../compiler/diagnostics.ts';
import type { Notebook } from '../compiler/notebook.ts';

export interface BuiltJob {
  readonly cell: number;
  readonly graph: StreamGraph;
  readonly bundle: Uint8Array;
  readonly plan: Uint8Array;
  readonly blobs: readonly Uint8Array[];
  /** Files beside the notebook that went into it, absolute. */
  readonly files: readonly string[];
}

export type Build =
  | { readonly status: 'built'; readonly job: BuiltJob; readonly compileMs: number }
  /** No sink, no stream to show: what others refer to. */
  | { readonly status: 'library' }
  | {
      readonly status: 'failed';
      readonly stage: 'compile' | 'program';
      readonly errors: readonly Diagnostic[];
    };

export interface BuildSettings {
  readonly parameters: Readonly<Record<string, string>>;
  readonly configuration: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly nowMs: number;
  readonly seed: number;
}

export class JobBuilder {
  readonly #bundler: CellBundler;
  readonly #programs: ProgramRunner;
  readonly #monotonic: () => number;

  constructor(bundler: CellBundler, programs: ProgramRunner, monotonic: () => number) {
    this.#bundler = bundler;
    this.#programs = programs;
    this.#monotonic = monotonic;
  }

  /** Rejects only when the compiler or the machine breaks down, or with the signal's reason. */
  async build(
    notebook: Notebook,
    cell: number,
    settings: BuildSettings,
    signal?: AbortSignal,
  ): Promise<Build> {
    const started = this.#monotonic();
    this.#programs.warm();
    const compilation = await this.#bundler.bundle(notebook, cell);
    if (compilation.status === 'failed')
      return { status: 'failed', stage: 'compile', errors: compilation.errors };
    const compileMs = this.#monotonic() - started;
    const surroundings: Surroundings = settings;
    const { bundle, files } = compilation;
    const result = await this.#programs.run(
      { bundle, surroundings, directory: dirname(notebook.path) },
      signal,
    );
    if (result.status === 'failed') {
      return {
        status: 'failed',
        stage: 'program',
        errors: [withText(result.diagnostic, notebook)],
      };
    }
    const { graph, hash, blobs } = result;
    if (graph.nodes.length === 0) return { status: 'library' };
    return {
      status: 'built',
      compileMs,
      job: {
        cell,
        graph,
        bundle: encodeBundle(bundle),
        plan: encodePlan({ graph, hash, surroundings }),
        blobs: [...blobs.values()],
        files,
      },
    };
  }
}
