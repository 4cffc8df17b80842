// Configuration is a flat table of text under Flink's keys (`execution.checkpointing.interval`), read
// through typed options (options.ts). It travels with a submission and is frozen in it.

import { parseDurationMs } from './time.ts';

export interface ConfigOption<T> {
  readonly key: string;
  /** Older keys that mean the same. */
  readonly aliases: readonly string[];
  readonly defaultValue: T;
  readonly description: string;
  /** @throws Error saying what the text should have been. */
  parse(text: string): T;
}

export class BadConfiguration extends Error {
  override readonly name = 'BadConfiguration';
}

export class Configuration {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: Readonly<Record<string, string | number | boolean>> = {}) {
    this.#values = new Map(Object.entries(values).map(([key, value]) => [key, String(value)]));
  }

  /** @throws BadConfiguration naming the key and the text. */
  get<T>(option: ConfigOption<T>): T {
    const found = this.#find(option);
    if (found === undefined) return option.defaultValue;
    try {
      return option.parse(found.text);
    } catch (error) {
      throw new BadConfiguration(
        `${found.key}: ${JSON.stringify(found.text)} ${(error as Error).message}`,
      );
    }
  }

  has(option: ConfigOption<unknown>): boolean {
    return this.#find(option) !== undefined;
  }

  /** The text under a key, whatever it means. */
  text(key: string): string | undefined {
    return this.#values.get(key);
  }

  /** What `over` sets wins. */
  with(over: Configuration | Readonly<Record<string, string | number | boolean>>): Configuration {
    const more = over instanceof Configuration ? over : new Configuration(over);
    return new Configuration({ ...this.toRecord(), ...more.toRecord() });
  }

  toRecord(): Record<string, string> {
    return Object.fromEntries(this.#values);
  }

  #find(option: ConfigOption<unknown>): { key: string; text: string } | undefined {
    for (const key of [option.key, ...option.aliases]) {
      const text = this.#values.get(key);
      if (text !== undefined) return { key, text };
    }
    return undefined;
  }
}

type Definition<T> = {
  readonly description: string;
  readonly aliases?: readonly string[];
  readonly defaultValue: T;
};

const define = <T>(
  key: string,
  definition: Definition<T>,
  parse: (text: string) => T,
): ConfigOption<T> => ({
  key,
  parse,
  aliases: definition.aliases ?? [],
  defaultValue: definition.defaultValue,
  description: definition.description,
});

export const durationOption = (key: string, definition: Definition<number>): ConfigOption<number> =>
  define(
    key,
    definition,
    (text) => parseDurationMs(text) ?? fail('is not a duration, such as 500 ms or 10 s'),
  );

/** Any number of milliseconds, or undefined when the key is absent. */
export const optionalDurationOption = (
  key: string,
  definition: Omit<Definition<undefined>, 'defaultValue'>,
): ConfigOption<number | undefined> =>
  define<number | undefined>(
    key,
    { ...definition, defaultValue: undefined },
    (text) => parseDurationMs(text) ?? fail('is not a duration, such as 500 ms or 10 s'),
  );

export const integerOption = (
  key: string,
  definition: Definition<number> & { readonly min?: number; readonly max?: number },
): ConfigOption<number> =>
  define(key, definition, (text) => {
    const value = Number(text);
    const { min = 0, max = Number.MAX_SAFE_INTEGER } = definition;
    if (!Number.isInteger(value) || text.trim() === '' || value < min || value > max) {
      fail(
        `is not a whole number ${definition.max === undefined ? `of at least ${min}` : `from ${min} to ${max}`}`,
      );
    }
    return value;
  });

export const numberOption = (
  key: string,
  definition: Definition<number> & { readonly min: number; readonly max?: number },
): ConfigOption<number> =>
  define(key, definition, (text) => {
    const value = Number(text);
    const { min, max = Number.MAX_VALUE } = definition;
    if (text.trim() === '' || !(value >= min && value <= max))
      fail(
        `is not a number ${definition.max === undefined ? `of at least ${min}` : `from ${min} to ${max}`}`,
      );
    return value;
  });

export const booleanOption = (
  key: string,
  definition: Definition<boolean>,
): ConfigOption<boolean> =>
  define(key, definition, (text) =>
    text === 'true' ? true : text === 'false' ? false : fail('is not true or false'),
  );

export const textOption = (key: string, definition: Definition<string>): ConfigOption<string> =>
  define(key, definition, (text) => text);

export const choiceOption = <T extends string>(
  key: string,
  choices: readonly T[],
  definition: Definition<T>,
): ConfigOption<T> =>
  define(
    key,
    definition,
    (text) =>
      choices.find((choice) => choice.toLowerCase() === text.toLowerCase()) ??
      fail(`is not one of ${choices.join(', ')}`),
  );

/** Bytes, from Flink's memory text: `64 mb`, `1g`, `1024`. */
export const memoryOption = (key: string, definition: Definition<number>): ConfigOption<number> =>
  define(key, definition, (text) => {
    const match = /^\s*(\d+)\s*([a-z]*)\s*$/i.exec(text);
    const shift = match === null ? undefined : MEMORY_UNITS[match[2]?.toLowerCase() ?? ''];
    return shift === undefined
      ? fail('is not an amount of memory, such as 512 mb')
      : Number(match?.[1]) * 2 ** shift;
  });

const MEMORY_UNITS: Readonly<Record<string, number>> = {
  '': 0,
  b: 0,
  bytes: 0,
  k: 10,
  kb: 10,
  kib: 10,
  m: 20,
  mb: 20,
  mib: 20,
  g: 30,
  gb: 30,
  gib: 30,
  t: 40,
  tb: 40,
};

function fail(what: string): never {
  throw new Error(what);
}
