import { describe, expect, test } from 'vitest';
import { definitions, type Flags, integer, parseArguments } from '../../cli/args.ts';
import { EXIT } from '../../cli/exit-codes.ts';

const FLAGS: Flags = {
  cell: { kind: 'values', description: '' },
  parallelism: { kind: 'value', short: 'p', description: '' },
  json: { kind: 'switch', description: '' },
};

const parse = (...argv: readonly string[]) => parseArguments('run', FLAGS, argv);

describe('arguments', () => {
  test('are words, flags with values in either form, switches and definitions', () => {
    const args = parse(
      'a.ts',
      '--cell',
      'One',
      '--cell=Two',
      '-p',
      '2',
      '--json',
      '-Da=b=c',
      '-D',
      'd=',
    );
    expect(args.positionals).toEqual(['a.ts']);
    expect(args.values('cell')).toEqual(['One', 'Two']);
    expect(args.value('parallelism')).toBe('2');
    expect(args.has('json')).toBe(true);
    expect(args.configuration).toEqual({ a: 'b=c', d: '' });
  });

  test('of a flag that takes one value, the last counts', () => {
    expect(parse('-p', '2', '--parallelism=3').value('parallelism')).toBe('3');
  });

  test('after -- are words, whatever they look like; - alone is a word, too', () => {
    expect(parse('-', '--', '--json', '-Dx=1').positionals).toEqual(['-', '--json', '-Dx=1']);
  });

  test.each([
    [['--jso'], 'run has no flag --jso; did you mean --json?'],
    [['-x'], 'run has no flag -x'],
    [['--json=yes'], '--json takes no value'],
    [['--cell'], '--cell needs a value'],
    [['-Dname'], '-D takes name=value, not "name"'],
    [['-D'], '-D takes name=value, not ""'],
    [['-D=1'], '-D takes name=value, not "=1"'],
  ])('%j are refused as usage', (argv, message) => {
    expect(() => parse(...argv)).toThrow(
      expect.objectContaining({ code: EXIT.usage, message: expect.stringContaining(message) }),
    );
  });

  test('are numbers only when they look like whole ones', () => {
    expect(integer('12', '-p', 1)).toBe(12);
    expect(integer(undefined, '-p', 1)).toBeUndefined();
    for (const text of ['0', '-1', '1.5', '1e3', '0x10', ' 1', ''])
      expect(() => integer(text, '-p', 1)).toThrow(`-p takes a whole number of at least 1`);
  });

  test('define names once, the last value counts', () => {
    expect(definitions(['a=1', 'b=x=y', 'a=2'], '--set')).toEqual({ a: '2', b: 'x=y' });
  });
});
