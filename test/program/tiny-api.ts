// The least API that a notebook can be written against: a few operators that do nothing but record, as the
// real one does. Enough for what the compiler and the program layer promise.

import type { Recorder } from '../../engine/api/recorder.ts';
import type { Json } from '../../engine/core/json.ts';
import type { UserFunction } from '../../engine/core/user-function.ts';
import type { Modules } from '../../engine/program/evaluate.ts';

const node = (params: Json = {}, functions: Record<string, UserFunction> = {}) => ({
  params,
  functions,
});

class Stream {
  readonly #recorder: Recorder;
  readonly #id: number;

  constructor(recorder: Recorder, id: number) {
    this.#recorder = recorder;
    this.#id = id;
  }

  #then(kind: 'map' | 'filter' | 'sink' | 'keyed-reduce', made: ReturnType<typeof node>): Stream {
    const target = this.#recorder.addNode({ kind, name: kind, ...made });
    this.#recorder.addEdge({ source: this.#id, target, input: 0 });
    return new Stream(this.#recorder, target);
  }

  map(map: UserFunction): Stream {
    return this.#then('map', node({}, { map }));
  }

  filter(filter: UserFunction): Stream {
    return this.#then('filter', node({}, { filter }));
  }

  print(label = ''): Stream {
    return this.#then('sink', node({ connector: { name: 'print', options: { label } } }));
  }

  uid(uid: string): Stream {
    this.#recorder.change(this.#id, { uid });
    return this;
  }
}

function createApi(recorder: Recorder): Record<string, unknown> {
  const source = (name: string, options: Record<string, Json>): Stream => {
    const params = { connector: { name, options }, watermarks: null };
    return new Stream(recorder, recorder.addNode({ kind: 'source', name, ...node(params) }));
  };
  return {
    env: {
      configure: (values: Record<string, string>) => recorder.configure(values),
      param: (name: string, byDefault: Json) => recorder.param(name, byDefault) ?? byDefault,
      execute: (name: string) => recorder.nameJob(name),
    },
    from: (values: Iterable<unknown>) => source('collection', { ...recorder.blob(values) }),
    generate: (options: Record<string, Json>) => source('generator', options),
    minutes: (n: number) => n * 60_000,
  };
}

/** A stream that a cell ends with is shown by a sink of its own. */
function preview(value: unknown): void {
  if (value instanceof Stream) value.print('preview');
}

export const tinyModules: Modules = { createApi, preview };
