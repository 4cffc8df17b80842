// Records of two streams that share a key and a window: paired (join), or gathered on both sides (coGroup).
//
//   a.join(b).where((a) => a.id).equalTo((b) => b.id).window(tumbling({ size: minutes(5) })).apply((a, b) => …)

import type { UserFunction } from '../../core/user-function.ts';
import type { WindowJoinParams } from '../../graph/operator-params.ts';
import type { CoGroupFunction, Trigger } from '../../operators/functions.ts';
import { Check } from '../program-error.ts';
import type { OperatorStream } from '../streams/data-stream.ts';
import { type Flow, partitioned, record } from '../streams/flow.ts';
import type { KeyCheck, SameKey, TimeMark } from '../type-checks.ts';
import type { EventTimeAssigner, WindowAssigner } from './assigners.ts';
import type { WindowEvictor, WindowTrigger } from './triggers.ts';
import { checkFires } from './window-checks.ts';
import * as drafts from './window-draft.ts';
import { describeWindow } from './window-names.ts';
import type { OwnEvictor } from './windowed-stream.ts';

type Kind = WindowJoinParams['kind'];

/** What the result is made by: of each pair for a join, of both sides for a co-group. */
export interface JoinApply<L, R, O> {
  readonly join: (left: L, right: R) => O;
  readonly 'co-group': CoGroupFunction<L, R, O>;
}

/** Two streams: say the key of the left one. */
export class JoinedStreams<L, R, J extends Kind, M extends TimeMark> {
  readonly #kind: J;
  readonly #left: Flow;
  readonly #right: Flow;

  constructor(kind: J, left: Flow, right: Flow) {
    this.#kind = kind;
    this.#left = left;
    this.#right = right;
  }

  /** The key of the left side. */
  where<const K>(key: (value: L) => K & KeyCheck<K>): JoinWhere<L, R, J, K, M> {
    const left = byKey(this.#left, 'where', key);
    return new JoinWhere(this.#kind, left, this.#right);
  }
}

export class JoinWhere<L, R, J extends Kind, K, M extends TimeMark> {
  readonly #kind: J;
  readonly #left: Flow;
  readonly #right: Flow;

  constructor(kind: J, left: Flow, right: Flow) {
    this.#kind = kind;
    this.#left = left;
    this.#right = right;
  }

  /** The key of the right side, of the same type. */
  equalTo<const K2>(
    key: (value: R) => K2 & KeyCheck<K2> & SameKey<K, K2>,
  ): JoinEqualTo<L, R, J, M> {
    const right = byKey(this.#right, 'equalTo', key);
    return new JoinEqualTo(this.#kind, this.#left, right);
  }
}

export class JoinEqualTo<L, R, J extends Kind, M extends TimeMark> {
  readonly #kind: J;
  readonly #left: Flow;
  readonly #right: Flow;

  constructor(kind: J, left: Flow, right: Flow) {
    this.#kind = kind;
    this.#left = left;
    this.#right = right;
  }

  /** The windows in which records of both sides meet. */
  window(assigner: WindowAssigner<L | R, 'nothing'>): JoinWindow<L, R, J, M>;
  window(assigner: EventTimeAssigner<L | R, M>): JoinWindow<L, R, J, 'event time'>;
  window(assigner: WindowAssigner<L | R>): JoinWindow<L, R, J, TimeMark> {
    const draft = drafts.draftOf([this.#left, this.#right], 'window', assigner);
    return new JoinWindow(this.#kind, this.#left, this.#right, draft);
  }
}

export class JoinWindow<L, R, J extends Kind, M extends TimeMark> {
  readonly #kind: J;
  readonly #left: Flow;
  readonly #right: Flow;
  readonly #draft: drafts.WindowDraft;

  constructor(kind: J, left: Flow, right: Flow, draft: drafts.WindowDraft) {
    this.#kind = kind;
    this.#left = left;
    this.#right = right;
    this.#draft = draft;
  }

  /** As on other windows; the elements are those of both sides. */
  trigger(trigger: WindowTrigger<L | R> | Trigger<L | R>): JoinWindow<L, R, J, M> {
    return this.#with(drafts.withTrigger(this.#left, this.#draft, trigger));
  }

  /** As on other windows; the elements are those of both sides. */
  evictor(evictor: WindowEvictor | OwnEvictor<L | R>): JoinWindow<L, R, J, M> {
    return this.#with(drafts.withEvictor(this.#left, this.#draft, evictor));
  }

  /** Windows are kept so many milliseconds beyond their end, and fire again for each late record. */
  allowedLateness(lateness: number): JoinWindow<L, R, J, M> {
    return this.#with(drafts.withLateness(this.#left, this.#draft, lateness));
  }

  /**
   * `join`: a record for each pair. `coGroup`: any number of records from the two lists, of which one may be
   * empty.
   */
  apply<O>(apply: JoinApply<L, R, O>[J]): OperatorStream<O, M> {
    const { spec: window, functions } = this.#draft;
    const kind: Kind = this.#kind;
    const call = kind === 'join' ? 'join' : 'coGroup';
    checkFires(new Check(call, this.#left.recorder), window);
    const recorded = record([this.#left, this.#right], {
      call,
      kind: 'window-join',
      name: kind === 'join' ? 'Window Join' : 'CoGroup',
      description: describeWindow(window, call),
      params: { window, kind } satisfies WindowJoinParams,
      functions: { ...functions, [call]: apply as UserFunction },
    });
    return this.#left.streams.operator(recorded);
  }

  #with(draft: drafts.WindowDraft): JoinWindow<L, R, J, M> {
    return new JoinWindow(this.#kind, this.#left, this.#right, draft);
  }
}

function byKey(flow: Flow, call: string, key: UserFunction): Flow {
  new Check(call, flow.recorder).syncFunction('the key', key);
  return partitioned(flow, { kind: 'hash' }, { key });
}
