// Configuration: text under Flink's keys, read through typed options.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BadConfiguration,
  booleanOption,
  type ConfigOption,
  Configuration,
  choiceOption,
  durationOption,
  integerOption,
  memoryOption,
  numberOption,
  optionalDurationOption,
  textOption,
} from '../../engine/core/configuration.ts';
import { nearestOf, unknownKeys } from '../../engine/core/option-checks.ts';
import { options } from '../../engine/core/options.ts';
import { formatDurationMs, parseDurationMs } from '../../engine/core/time.ts';

const description = 'of a test';
const read = <T>(option: ConfigOption<T>, text: string): T =>
  new Configuration({ [option.key]: text }).get(option);

const duration = durationOption('wait', { description, defaultValue: 7 });
const perhaps = optionalDurationOption('perhaps', { description });
const port = integerOption('port', { description, defaultValue: 1, min: 0, max: 9 });
const size = integerOption('size', { description, defaultValue: 1, min: 2 });
const factor = numberOption('factor', { description, defaultValue: 1.5, min: -3 });
const share = numberOption('share', { description, defaultValue: 0, min: 0, max: 1 });
const flag = booleanOption('flag', { description, defaultValue: false });
const name = textOption('name', { description, defaultValue: 'x', aliases: ['old.name'] });
const mode = choiceOption('mode', ['FAST', 'SAFE'], { description, defaultValue: 'SAFE' });
const memory = memoryOption('memory', { description, defaultValue: 1 });

test.each([
  [duration, '500', 500],
  [duration, '500 ms', 500],
  [duration, ' 2min ', 120_000],
  [duration, '1.5 h', 5_400_000],
  [perhaps, '1 d', 86_400_000],
  [port, '0', 0],
  [port, '9', 9],
  [factor, '-2.5', -2.5],
  [flag, 'true', true],
  [name, '', ''],
  [mode, 'fast', 'FAST'],
  [memory, '64 mb', 64 * 2 ** 20],
  [memory, '1g', 2 ** 30],
  [memory, '1024', 1_024],
])('%o reads %j as %j', (option, text, value) => {
  expect(read<unknown>(option, text)).toBe(value);
});

test.each([
  [duration, 'soon', 'wait: "soon" is not a duration, such as 500 ms or 10 s'],
  [duration, '-1 s', 'wait: "-1 s" is not a duration, such as 500 ms or 10 s'],
  [perhaps, '', 'perhaps: "" is not a duration, such as 500 ms or 10 s'],
  [port, '10', 'port: "10" is not a whole number from 0 to 9'],
  [port, '1.5', 'port: "1.5" is not a whole number from 0 to 9'],
  [size, '1', 'size: "1" is not a whole number of at least 2'],
  [size, ' ', 'size: " " is not a whole number of at least 2'],
  [factor, 'Infinity', 'factor: "Infinity" is not a number of at least -3'],
  [factor, '-3.1', 'factor: "-3.1" is not a number of at least -3'],
  [share, '1.1', 'share: "1.1" is not a number from 0 to 1'],
  [flag, 'yes', 'flag: "yes" is not true or false'],
  [mode, 'slow', 'mode: "slow" is not one of FAST, SAFE'],
  [memory, '1 cup', 'memory: "1 cup" is not an amount of memory, such as 512 mb'],
])('%o refuses %j, naming key and text', (option, text, message) => {
  expect(() => read<unknown>(option, text)).toThrow(new BadConfiguration(message));
});

test('an absent key has its default, an older key counts, the newer one wins', () => {
  expect(new Configuration().get(name)).toBe('x');
  expect(new Configuration().has(name)).toBe(false);
  const old = new Configuration({ 'old.name': 'old' });
  expect([old.get(name), old.has(name)]).toEqual(['old', true]);
  expect(old.with({ name: 'new' }).get(name)).toBe('new');
  expect(old.with(new Configuration({ 'old.name': 'newer' })).get(name)).toBe('newer');
});

test('a bad text under an older key is told under that key', () => {
  const option = integerOption('new.key', { description, defaultValue: 1, aliases: ['old.key'] });
  expect(() => new Configuration({ 'old.key': 'x' }).get(option)).toThrow(/^old\.key: "x"/);
});

test('values are text, whatever they were set with, and names of Object.prototype are ordinary keys', () => {
  const configuration = new Configuration({ port: 8, flag: true, constructor: 'mine' });
  expect(configuration.toRecord()).toEqual({ port: '8', flag: 'true', constructor: 'mine' });
  expect(configuration.text('constructor')).toBe('mine');
  expect(configuration.text('toString')).toBeUndefined();
});

test('durations print as they read', () => {
  fc.assert(fc.property(fc.nat(), (ms) => parseDurationMs(formatDurationMs(ms)) === ms));
  expect([90_000, 3_600_000, 0, 172_800_000].map(formatDurationMs)).toEqual([
    '90 s',
    '1 h',
    '0 ms',
    '2 d',
  ]);
});

describe('the options of sluice', () => {
  test('have one key each, and their defaults are values that they would read', () => {
    const all = Object.values(options) as readonly ConfigOption<unknown>[];
    const keys = all.flatMap(({ key, aliases }) => [key, ...aliases]);
    expect(new Set(keys).size).toBe(keys.length);
    for (const option of all) {
      const { defaultValue } = option;
      if (defaultValue !== undefined)
        expect(read(option, String(defaultValue)), option.key).toBe(defaultValue);
      expect(option.description).toMatch(/\.$/);
    }
  });

  test('an unknown key names the nearest known one, if any is near', () => {
    const lines = unknownKeys(
      new Configuration({
        'execution.checkpointing.intervall': '1 s',
        'parallelism.default': '2',
        zzz: '1',
        'state.checkpoints.dir': '/x',
      }),
    );
    expect(lines).toEqual([
      'unknown configuration key "execution.checkpointing.intervall"; did you mean execution.checkpointing.interval?',
      'unknown configuration key "zzz"',
    ]);
    expect(nearestOf('colect', ['print', 'collect'])).toBe('collect');
    expect(nearestOf('xyz', [])).toBeUndefined();
  });
});
