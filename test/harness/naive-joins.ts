// Joins by definition: every pair is looked at. Shares no code with the operators.

import type { InputItem, OutputItem } from './operator-items.ts';

export interface JoinElement {
  readonly key: string;
  readonly id: number;
  readonly time: number;
}

interface Bounds {
  readonly lower: number;
  readonly upper: number;
}

/** What each input item makes an interval join of ids emit: pairs with the later of their times. */
export function naiveIntervalJoin(
  { lower, upper }: Bounds,
  input: readonly InputItem[],
): OutputItem[][] {
  const sides: readonly [JoinElement[], JoinElement[]] = [[], []];
  let now = Number.NEGATIVE_INFINITY;
  return input.map((item) => {
    if (item.kind === 'watermark') {
      now = item.timeMs;
      return [item];
    }
    if (item.kind !== 'record') return [];
    const element = item.value as JoinElement;
    if (element.time < now) return [];
    sides[item.input].push(element);
    return sides[item.input === 0 ? 1 : 0].flatMap((other) => {
      const [left, right] = item.input === 0 ? [element, other] : [other, element];
      const distance = right.time - left.time;
      if (left.key !== right.key || distance < lower || distance > upper) return [];
      const timeMs = Math.max(left.time, right.time);
      return [{ kind: 'record', value: [left.id, right.id], timeMs } as const];
    });
  });
}
