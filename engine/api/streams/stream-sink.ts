// The end of a stream: a sink, and what can be said about it. Nothing follows a sink, so it is no stream.

import type { SinkParams } from '../../graph/operator-params.ts';
import type { ConnectorSink } from '../sinks.ts';
import { type Flow, type Recorded, record } from './flow.ts';
import * as settings from './operator-settings.ts';

/** Writes the records of a flow. A cell with a sink is a job. */
export const attachSink = <T>(flow: Flow, call: string, sink: ConnectorSink<T>): StreamSink =>
  new StreamSink(
    record([flow], {
      call,
      kind: 'sink',
      name: `Sink: ${sink.name}`,
      params: { connector: sink.connector } satisfies SinkParams,
      functions: sink.functions,
    }),
  );

/** What `print`, `collect` and `sinkTo` give. */
export class StreamSink {
  readonly #recorded: Recorded;

  constructor(recorded: Recorded) {
    this.#recorded = recorded;
  }

  /** What the plan shows. */
  name(name: string): this {
    settings.setName(this.#recorded, name);
    return this;
  }

  /** The identity of the sink's state, unique in the job: what a savepoint finds it by. */
  uid(uid: string): this {
    settings.setUid(this.#recorded, uid);
    return this;
  }

  /** How many subtasks run the sink. */
  setParallelism(parallelism: number): this {
    settings.setParallelism(this.#recorded, parallelism);
    return this;
  }

  /** The most subtasks that the sink can ever be rescaled to. */
  setMaxParallelism(maxParallelism: number): this {
    settings.setMaxParallelism(this.#recorded, maxParallelism);
    return this;
  }

  /** Operators of different groups never share a slot. Else: the group of the input. */
  slotSharingGroup(group: string): this {
    settings.setSlotSharingGroup(this.#recorded, group);
    return this;
  }

  /** The sink is a task of its own. */
  disableChaining(): this {
    settings.setChaining(this.#recorded, 'never');
    return this;
  }

  /** What the plan shows below the name. */
  setDescription(description: string): this {
    settings.setDescription(this.#recorded, description);
    return this;
  }
}
