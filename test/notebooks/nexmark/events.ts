// Nexmark's events in memory, as its generator makes them.

import * as nexmark from '../../../notebooks/nexmark/generator.ts';
import { Events } from './answers.ts';

/** The generator's module, or one like it. */
export type Generator = typeof nexmark;

/** Of one split. */
export const eventsOf = (count: number, rate: number, generator: Generator = nexmark): Events =>
  new Events([...eventsOfSplits(count, rate, 1, generator)]);

/** Split by split. */
export function* eventsOfSplits(
  count: number,
  rate: number,
  splits: number,
  { EventGenerator, splitsOf }: Generator = nexmark,
): Iterable<nexmark.Event> {
  for (const split of splitsOf(count, rate, splits)) {
    const generator = new EventGenerator(split);
    for (let event = generator.next(); event !== undefined; event = generator.next()) yield event;
  }
}
