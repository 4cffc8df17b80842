// What is wrong with a configuration: keys that no option reads, values that do not fit theirs, and the nearest
// name to one that does not exist.

import { BadConfiguration, type ConfigOption, type Configuration } from './configuration.ts';
import { editDistance } from './edit-distance.ts';
import { options } from './options.ts';

const KNOWN: readonly ConfigOption<unknown>[] = Object.values(options);

/** A line for each key that no option reads, naming the nearest one that exists. */
export function unknownKeys(configuration: Configuration): string[] {
  const known = new Set(KNOWN.flatMap((option) => [option.key, ...option.aliases]));
  return Object.keys(configuration.toRecord())
    .filter((key) => !known.has(key))
    .map((key) => {
      const nearest = nearestOf(key, [...known]);
      return `unknown configuration key ${JSON.stringify(key)}${nearest === undefined ? '' : `; did you mean ${nearest}?`}`;
    });
}

/** A line for each value that does not fit its key. */
export function badValues(configuration: Configuration): string[] {
  return KNOWN.flatMap((option) => {
    try {
      configuration.get(option);
      return [];
    } catch (error) {
      if (!(error instanceof BadConfiguration)) throw error;
      return [error.message];
    }
  });
}

export function nearestOf(text: string, candidates: readonly string[]): string | undefined {
  let best: { text: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(text, candidate);
    if (best === undefined || distance < best.distance) best = { text: candidate, distance };
  }
  return best !== undefined && best.distance <= Math.max(2, text.length / 3)
    ? best.text
    : undefined;
}
