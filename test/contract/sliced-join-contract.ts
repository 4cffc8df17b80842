// What every backend promises of the elements of window joins by slice, key and side: random stories of elements,
// slices that go, snapshots taken in the middle and restored at any parallelism, against a plain list.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyGroupOf, subtaskOfKeyGroup } from '../../engine/core/key-groups.ts';
import type {
  JoinSide,
  JoinSides,
  KeyedStateBackend,
  SidesCursor,
  SlicedJoinState,
  StoredKey,
} from '../../engine/state/keyed-state.ts';
import type { SlicedSubject } from './sliced-state-contract.ts';

const MAX_PARALLELISM = 16;

interface Element {
  readonly slice: number;
  readonly key: number | string;
  readonly side: JoinSide;
  readonly value: unknown;
}

type Act =
  | { readonly kind: 'add'; readonly element: Element }
  | { readonly kind: 'clear'; readonly slice: number }
  | { readonly kind: 'rescale'; readonly parallelism: number; readonly meanwhile: Element };

const slice = fc.integer({ min: 1, max: 4 }).map((n) => n * 1_000);

const element = (value: fc.Arbitrary<unknown>): fc.Arbitrary<Element> =>
  fc.record({
    slice,
    key: fc.oneof({ weight: 5, arbitrary: fc.nat(30) }, fc.constantFrom('a', 'b')),
    side: fc.constantFrom(0 as const, 1 as const),
    value,
  });

const act = (value: fc.Arbitrary<unknown>): fc.Arbitrary<Act> =>
  fc.oneof(
    {
      weight: 30,
      arbitrary: fc.record({ kind: fc.constant('add' as const), element: element(value) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('clear' as const), slice }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('rescale' as const),
        parallelism: fc.integer({ min: 1, max: 4 }),
        meanwhile: element(value),
      }),
    },
  );

const flat = fc.record({ n: fc.double(), m: fc.integer() });
const VALUES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  numbers: fc.double(),
  'flat objects': flat,
  'objects with texts': fc.record({ n: fc.integer(), text: fc.string() }),
  'all kinds': fc.oneof(flat, fc.integer(), fc.constantFrom(null, true), fc.array(fc.nat(9))),
};

export function slicedJoinContract<B extends KeyedStateBackend, S>(
  name: string,
  subject: SlicedSubject<B, S>,
  runs = 60,
): void {
  for (const [valuesName, value] of Object.entries(VALUES)) {
    test(`${name}: ${valuesName} that wait for a join are there by slice, key and side, in order`, () => {
      fc.assert(
        fc.property(fc.array(act(value), { maxLength: 150 }), (acts) => {
          const story = new JoinStory(subject);
          for (const one of acts) story.tell(one);
          expect(story.found()).toEqual(story.expected());
        }),
        { numRuns: runs },
      );
    });
  }
}

interface Subtask<B> {
  readonly backend: B;
  readonly state: SlicedJoinState;
}

class JoinStory<B extends KeyedStateBackend, S> {
  readonly #subject: SlicedSubject<B, S>;
  #elements: readonly Element[] = [];
  #subtasks: Subtask<B>[] = [];

  constructor(subject: SlicedSubject<B, S>) {
    this.#subject = subject;
    this.#start(1, []);
  }

  tell(one: Act): void {
    switch (one.kind) {
      case 'add':
        this.#elements = [...this.#elements, one.element];
        return this.#add(one.element);
      case 'clear':
        this.#elements = this.#elements.filter((other) => other.slice !== one.slice);
        for (const { state } of this.#subtasks) state.clear(one.slice);
        return;
      case 'rescale':
        return this.#rescale(one.parallelism, one.meanwhile);
    }
  }

  expected(): ReadonlyMap<string, readonly unknown[]> {
    const lists = Map.groupBy(this.#elements, placeOf);
    return new Map([...lists].map(([place, list]) => [place, list.map(({ value }) => value)]));
  }

  found(): ReadonlyMap<string, readonly unknown[]> {
    const lists = new Map<string, readonly unknown[]>();
    for (const subtask of this.#subtasks)
      for (const at of subtask.state.slices())
        for (const [key, sides] of keysOf(subtask, at))
          for (const [side, list] of sides.entries())
            if (list.length > 0)
              lists.set(placeOf({ slice: at, key, side: side as JoinSide, value: 0 }), list);
    return lists;
  }

  #add({ slice: at, key, side, value }: Element): void {
    const { backend, state } = this.#subtasks[this.#ownerOf(key)] as Subtask<B>;
    backend.setCurrentKey(key);
    state.add(at, side, value);
  }

  #ownerOf(key: Element['key']): number {
    const group = keyGroupOf(key, MAX_PARALLELISM);
    return subtaskOfKeyGroup(group, this.#subtasks.length, MAX_PARALLELISM);
  }

  /** What comes while the snapshots are written is in none of them. */
  #rescale(parallelism: number, meanwhile: Element): void {
    const owner = this.#ownerOf(meanwhile.key);
    const snapshots = this.#subtasks.map(({ backend }, i) =>
      this.#subject.snapshot(backend, () => {
        if (i !== owner) return;
        this.#subtasks[i]?.state.clear(meanwhile.slice);
        for (const at of [1_000, 2_000, 3_000, 4_000, 5_000])
          this.#add({ ...meanwhile, slice: at });
      }),
    );
    this.#start(parallelism, snapshots);
  }

  #start(parallelism: number, snapshots: readonly S[]): void {
    this.#subtasks = Array.from({ length: parallelism }, (_, subtask) => {
      const place = { subtask, parallelism, maxParallelism: MAX_PARALLELISM };
      const backend = this.#subject.create(place, snapshots);
      return { backend, state: backend.slicedJoin({ name: 'slices' }) };
    });
  }
}

function* keysOf<B extends KeyedStateBackend>({ backend, state }: Subtask<B>, at: number) {
  const joined = new Map(sidesIn(state.cursor(at, true)));
  for (const [key, sides] of sidesIn(state.cursor(at, false))) {
    const { lefts, rights } = sides;
    expect(joined.get(key)).toEqual(lefts.length > 0 && rights.length > 0 ? sides : undefined);
    joined.delete(key);
    backend.setStoredKey(key);
    yield [backend.currentKey() as Element['key'], [lefts, rights]] as const;
  }
  expect(joined).toEqual(new Map());
}

function* sidesIn(cursor: SidesCursor): Iterable<readonly [StoredKey, JoinSides]> {
  while (cursor.next()) yield [cursor.key, structuredClone(cursor.sides())];
}

const placeOf = ({ slice: at, key, side }: Element): string => `${at} ${typeof key} ${key} ${side}`;
