// env.param: the text after `--set name=` as a value. Its default says of what type it is, for tsc and when
// the text is read.

import { type Check, shown } from './program-error.ts';

export type ParameterValue = string | number | boolean;

/** The type of a parameter with this default: where it says `'EU'` there may be any string. */
export type Widened<V extends ParameterValue> = V extends string
  ? string
  : V extends number
    ? number
    : boolean;

/** @throws ProgramError when the text is no such value. */
export function readParameter(
  check: Check,
  name: string,
  text: string | undefined,
  defaultValue: ParameterValue,
): ParameterValue {
  if (text === undefined) return defaultValue;
  switch (typeof defaultValue) {
    case 'string':
      return text;
    case 'number':
      if (text.trim() !== '' && !Number.isNaN(Number(text))) return Number(text);
      return check.fail(`--set ${name}=${text}: give a number, such as ${defaultValue}`);
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true';
      return check.fail(`--set ${name}=${text}: give true or false`);
    default:
      return check.fail(
        `the default of ${name} is ${shown(defaultValue)}; give a text, a number, true or false`,
      );
  }
}
