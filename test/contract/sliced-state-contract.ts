// What every backend promises of contents by slice and key: random stories of puts, slices that go, snapshots
// taken in the middle of changes and restored at any parallelism, against a plain Map.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyGroupOf, subtaskOfKeyGroup } from '../../engine/core/key-groups.ts';
import type { KeyedStateBackend, SlicedState } from '../../engine/state/keyed-state.ts';

const MAX_PARALLELISM = 16;

interface Place {
  readonly subtask: number;
  readonly parallelism: number;
  readonly maxParallelism: number;
}

export interface SlicedSubject<B extends KeyedStateBackend, S> {
  create(place: Place, snapshots: readonly S[]): B;
  /** Takes one, calls `meanwhile`, and only then reads it. */
  snapshot(backend: B, meanwhile: () => void): S;
}

type Key = number | string;
type Act =
  | { readonly kind: 'add'; readonly key: Key; readonly slice: number; readonly value: number }
  | { readonly kind: 'clear'; readonly slice: number }
  | { readonly kind: 'fire'; readonly slices: readonly number[] }
  | { readonly kind: 'rescale'; readonly parallelism: number; readonly key: Key };

const key = (keys: 'few' | 'far' | 'mixed'): fc.Arbitrary<Key> => {
  if (keys === 'few') return fc.nat(6);
  if (keys === 'far') return fc.oneof(fc.nat(2_000), fc.double(), fc.maxSafeInteger());
  return fc.oneof(fc.nat(20), fc.string(), fc.constantFrom(Number.NaN, -0, '\0s'));
};
const half = fc.integer({ min: -9, max: 9 }).map((n) => n / 2);
const slice = fc.integer({ min: 1, max: 6 }).map((n) => n * 1_000);

const act = (keys: 'few' | 'far' | 'mixed'): fc.Arbitrary<Act> =>
  fc.oneof(
    {
      weight: 30,
      arbitrary: fc.record({
        kind: fc.constant('add' as const),
        key: key(keys),
        slice,
        // Halves are added exactly, too; and what is whole at first may not stay so.
        value: fc.oneof({ weight: 9, arbitrary: fc.integer() }, half),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('clear' as const), slice }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('fire' as const),
        slices: fc.uniqueArray(slice).map((slices) => slices.toSorted((a, b) => a - b)),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('rescale' as const),
        parallelism: fc.integer({ min: 1, max: 5 }),
        key: key(keys),
      }),
    },
  );

/** How numbers are kept, and changed, in place or not. */
interface Form {
  of(n: number): unknown;
  number(kept: unknown): number;
  change(kept: unknown, n: number): unknown;
}

const flat: Form = {
  of: (n) => ({ n, m: 1 }),
  number: (kept) => (kept as { n: number }).n,
  change: (_, n) => flat.of(n),
};
const list: Form = {
  of: (n) => [n],
  number: (kept) => (kept as readonly number[]).reduce((sum, item) => sum + item, 0),
  change(kept, n) {
    (kept as number[]).splice(0, (kept as number[]).length, n);
    return kept;
  },
};
const mixed: Form = {
  of: (n) => (n % 3 === 0 ? [n] : n),
  number: (kept) => (Array.isArray(kept) ? (kept[0] as number) : (kept as number)),
  change: (kept, n) => (Array.isArray(kept) ? list.change(kept, n) : mixed.of(n)),
};

const FORMS: Readonly<Record<string, Form>> = {
  numbers: { of: (n) => n, number: (kept) => kept as number, change: (_, n) => n },
  'flat objects': flat,
  'flat objects that take texts, in place,': {
    ...flat,
    change: (kept, n) => Object.assign(kept as object, { n, m: n % 3 === 0 ? 'text' : 1 }),
  },
  lists: list,
  'first numbers, then lists': mixed,
};

export function slicedStateContract<B extends KeyedStateBackend, S>(
  name: string,
  subject: SlicedSubject<B, S>,
  runs = 60,
): void {
  for (const [formName, form] of Object.entries(FORMS)) {
    for (const keys of ['few', 'far', 'mixed'] as const) {
      test(`${name}: ${formName} by slice and ${keys} keys are what they would be in a Map`, () => {
        fc.assert(
          fc.property(fc.array(act(keys), { maxLength: 120 }), (acts) => {
            const story = new Story(subject, form);
            for (const one of acts) story.tell(one);
            story.compare();
          }),
          { numRuns: runs },
        );
      });
    }
  }
}

interface Subtask<B> {
  readonly backend: B;
  readonly state: SlicedState;
}

class Story<B extends KeyedStateBackend, S> {
  readonly #subject: SlicedSubject<B, S>;
  readonly #form: Form;
  readonly #expected = new Map<number, Map<Key, number>>();
  #subtasks: Subtask<B>[] = [];

  constructor(subject: SlicedSubject<B, S>, form: Form) {
    this.#subject = subject;
    this.#form = form;
    this.#start(1, []);
  }

  tell(act: Act): void {
    switch (act.kind) {
      case 'add':
        return this.#add(act.slice, act.key, act.value);
      case 'clear':
        this.#expected.delete(act.slice);
        for (const { state } of this.#subtasks) state.clear(act.slice);
        return;
      case 'fire':
        return this.#fire(act.slices);
      case 'rescale':
        return this.#rescale(act.parallelism, act.key);
    }
  }

  compare(): void {
    const slices = new Set(this.#subtasks.flatMap(({ state }) => [...state.slices()]));
    expect(slices).toEqual(new Set(this.#expected.keys()));
    for (const slice of slices) this.#fire([slice]);
    this.#fire([...slices].toSorted((a, b) => a - b));
  }

  #add(slice: number, given: Key, value: number): void {
    const contents = this.#expected.get(slice) ?? new Map<Key, number>();
    this.#expected.set(slice, contents.set(given, (contents.get(given) ?? 0) + value));
    const group = keyGroupOf(given, MAX_PARALLELISM);
    const owner = subtaskOfKeyGroup(group, this.#subtasks.length, MAX_PARALLELISM);
    if (value % 2 === 0) return this.#addTo(owner, slice, given, value);
    const { backend, state } = this.#subtasks[owner] as Subtask<B>;
    backend.setCurrentKey(given);
    state.put(slice, this.#form.of(contents.get(given) as number)); // nobody has looked
  }

  #addTo(subtask: number, slice: number, given: Key, value: number): void {
    const { backend, state } = this.#subtasks[subtask] as Subtask<B>;
    backend.setCurrentKey(given);
    const add = (before: unknown): unknown => {
      const sum = (before === undefined ? 0 : this.#form.number(before)) + value;
      return before === undefined ? this.#form.of(sum) : this.#form.change(before, sum);
    };
    if (value % 3 === 0) state.put(slice, add(state.get(slice)));
    else state.update(slice, value, add);
  }

  #fire(slices: readonly number[]): void {
    for (const isSum of [false, true]) this.#look(slices, isSum);
  }

  #look(slices: readonly number[], isSum: boolean): void {
    const merged = new Map<Key, number>();
    for (const slice of slices)
      for (const [given, value] of this.#expected.get(slice) ?? [])
        merged.set(given, (merged.get(given) ?? 0) + value);
    const found = new Map<Key, number>();
    const merge = (a: unknown, b: unknown): unknown =>
      this.#form.change(a, this.#form.number(a) + this.#form.number(b));
    for (const { backend, state } of this.#subtasks) {
      const cursor = state.cursor(slices, merge, isSum);
      while (cursor.next()) {
        backend.setStoredKey(cursor.key);
        const given = backend.currentKey() as Key;
        expect(found.has(given)).toBe(false);
        found.set(given, this.#form.number(cursor.contents));
      }
    }
    expect(found).toEqual(merged);
  }

  /** What comes while the snapshots are written is in none of them. */
  #rescale(parallelism: number, key: Key): void {
    const before = this.#subtasks.length;
    const owner = subtaskOfKeyGroup(keyGroupOf(key, MAX_PARALLELISM), before, MAX_PARALLELISM);
    const snapshots = this.#subtasks.map(({ backend }, i) =>
      this.#subject.snapshot(backend, () => {
        if (i !== owner) return;
        const [first, ...slices] = this.#expected.keys();
        if (first !== undefined) this.#subtasks[i]?.state.clear(first);
        for (const slice of [...slices, 9_000]) this.#addTo(i, slice, key, 7);
      }),
    );
    this.#start(parallelism, snapshots);
  }

  #start(parallelism: number, snapshots: readonly S[]): void {
    this.#subtasks = Array.from({ length: parallelism }, (_, subtask) => {
      const place = { subtask, parallelism, maxParallelism: MAX_PARALLELISM };
      const backend = this.#subject.create(place, snapshots);
      return { backend, state: backend.sliced({ name: 'slices' }) };
    });
  }
}
