// Names of side outputs. A tag is only a name; the type of its records is known to tsc alone, so two tags
// of one name mean one output.

import type { OutputTag } from '../operators/functions.ts';
import { Check, shown } from './program-error.ts';

/**
 * Names a side output, and says of what type its records are.
 *
 * ```ts
 * const tooLate = outputTag<Flight>('too late');
 * const counted = flights.keyBy(…).window(…).sideOutputLateData(tooLate).aggregate(count());
 * counted.getSideOutput(tooLate).print('late');
 * ```
 */
export function outputTag<T>(name: string): OutputTag<T> {
  new Check('outputTag').text('the name', name);
  return { name };
}

/** @throws ProgramError when it is none. */
export function tagName(check: Check, tag: Pick<OutputTag<unknown>, 'name'>): string {
  if (typeof tag?.name === 'string') return tag.name;
  return check.fail(`the tag is ${shown(tag)}; give one that outputTag('name') made`);
}
