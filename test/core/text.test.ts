// What leaves the engine as text: JSON of any value, records and errors in messages, lines of a log.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  describeError,
  type ErrorInfo,
  errorInfo,
  SluiceError,
  toError,
} from '../../engine/core/errors.ts';
import { isHexId, newJobId, newResourceId, operatorIdOf } from '../../engine/core/ids.ts';
import { toJson } from '../../engine/core/json.ts';
import { escapeControl, lineLogger } from '../../engine/core/logger.ts';
import { printRecord } from '../../engine/core/print-record.ts';
import { below, SeededRandom, unit } from '../../engine/core/random.ts';
import { socketOptions } from '../../engine/core/socket-address.ts';
import { FakeClock } from '../harness/fake-clock.ts';

describe('JSON of values', () => {
  test.each([
    [10n ** 20n, '"100000000000000000000"'],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    [new Date(Number.NaN), '"Invalid Date"'],
    [[Number.NaN, -0, Number.NEGATIVE_INFINITY, 0], '["NaN","-0","-Infinity",0]'],
    [{ a: undefined, b: 1 }, '{"b":1}'],
    [Object.assign([undefined], { 2: 1 }), '[null,null,1]'],
    [new Map([[{ k: 1 }, undefined]]), '[[{"k":1},null]]'],
    [new Set([1, 'a']), '[1,"a"]'],
    [Float64Array.of(0.5, Number.NaN), '[0.5,"NaN"]'],
    [{ f: () => 1, s: Symbol('x') }, '{"f":"[function f]","s":"Symbol(x)"}'],
    [new TypeError('no'), '{"name":"TypeError","message":"no"}'],
    [JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
    [undefined, 'null'],
  ])('%o', (value, text) => {
    expect(toJson(value)).toBe(text);
  });

  test('ends at a cycle, but not at a value that merely occurs twice', () => {
    const twice = { x: 1 };
    const cyclic: Record<string, unknown> = { a: twice, b: [twice] };
    cyclic['self'] = cyclic;
    expect(toJson(cyclic)).toBe('{"a":{"x":1},"b":[{"x":1}],"self":"[circular]"}');
  });

  test('is JSON, whatever the value', () => {
    const value = fc.anything({ withBigInt: true, withMap: true, withSet: true, withDate: true });
    fc.assert(fc.property(value, (v) => JSON.parse(toJson(v)) !== undefined));
  });
});

test('a record in a message is shortened, and never throws', () => {
  expect(printRecord('x'.repeat(500))).toHaveLength(200);
  expect(printRecord(undefined)).toBe('undefined');
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  expect(printRecord(proxy)).toBe('a value that cannot be printed');
  const trap = Object.defineProperty({}, 'x', {
    enumerable: true,
    get: () => {
      throw new Error('trap');
    },
  });
  expect(printRecord({ trap })).toBe('a value that cannot be printed');
});

describe('whatever was thrown', () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  class Trap extends Error {
    override get message(): string {
      throw new Error('in the getter');
    }
    override get stack(): string {
      throw new Error('in the getter');
    }
  }

  test.each([
    ['null', null, 'threw null, not an Error'],
    ['undefined', undefined, 'threw undefined, not an Error'],
    ['a string', 'oops', 'threw "oops", not an Error'],
    ['a function', function f() {}, 'threw a function (f), not an Error'],
    ['a symbol', Symbol('s'), 'threw Symbol(s), not an Error'],
    ['a plain object', { a: 1 }, 'threw an object that is not an Error: [object Object]'],
    [
      'a bare object',
      Object.create(null),
      'threw an object that is not an Error: a value that cannot be printed',
    ],
    [
      'a revoked proxy',
      revoked.proxy,
      'threw an object that is not an Error: a value that cannot be printed',
    ],
    [
      'an error whose getters throw',
      new Trap(),
      'threw an object that is not an Error: a value that cannot be printed',
    ],
  ])('%s becomes an ErrorInfo', (_, thrown, message) => {
    expect(errorInfo(thrown).message).toBe(message);
  });

  test('an error keeps name, message, stack and causes, and comes back with them', () => {
    const error = new RangeError('far', { cause: new Error('why', { cause: 'deep' }) });
    const info = errorInfo(error);
    expect(info).toMatchObject({ name: 'RangeError', message: 'far', stack: error.stack });
    expect(describeError(info)).toBe(
      'RangeError: far\n  caused by: why\n  caused by: threw "deep", not an Error',
    );
    const back = toError(info);
    expect([back.name, back.message, back.stack]).toEqual(['RangeError', 'far', error.stack]);
    expect((back.cause as Error).message).toBe('why');
    expect(describeError(errorInfo(new SluiceError('no', 'said so')))).toBe('said so');
  });

  test('an endless chain of causes has an end', () => {
    const error = new Error('again');
    error.cause = error;
    let depth = 0;
    for (let at: ErrorInfo | undefined = errorInfo(error); at !== undefined; at = at.cause) depth++;
    expect(depth).toBe(9);
  });
});

describe('a line of the log', () => {
  const clock = new FakeClock(0);

  test('tells time, level, component and message', () => {
    const lines: string[] = [];
    lineLogger(clock, (line) => lines.push(line), 'tm-1').log('warn', 'slow disk');
    lineLogger(clock, (line) => lines.push(line))
      .named('rest')
      .log('error', 'no');
    expect(lines).toEqual([
      '1970-01-01T00:00:00.000Z WARN  tm-1: slow disk\n',
      '1970-01-01T00:00:00.000Z ERROR rest: no\n',
    ]);
  });

  test('is not forged, and moves no terminal', () => {
    expect(escapeControl('a\u001b[31mb\u009bc\rd\u0007\u0000')).toBe(
      'a\\u{1b}[31mb\\u{9b}c\\u{d}d\\u{7}\\u{0}',
    );
    const lines: string[] = [];
    lineLogger(clock, (line) => lines.push(line)).log('info', 'x\n1970 ERROR y: forged');
    expect(
      lines
        .join('')
        .split('\n')
        .filter((line) => /^1970/.test(line)),
    ).toHaveLength(1);
  });
});

test('ids are 32 hex digits, and the same text has the same one', () => {
  const random = new SeededRandom(1);
  const [a, b] = [newJobId(random), newJobId(random)];
  expect([isHexId(a), isHexId(b), a === b]).toEqual([true, true, false]);
  expect(operatorIdOf('late')).toBe(operatorIdOf('late'));
  expect(isHexId(operatorIdOf('late'))).toBe(true);
  expect(isHexId(a.toUpperCase())).toBe(false);
  expect(newResourceId('taskmanager', random)).toMatch(/^taskmanager-[0-9a-f]{8}$/);
});

test('seeded chance repeats, and stays within its bounds', () => {
  const draw = (): number[] => {
    const random = new SeededRandom(7);
    return Array.from({ length: 100 }, () => below(random, 10));
  };
  expect(draw()).toEqual(draw());
  expect(new Set(draw())).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
  expect(unit({ u32: () => 0xffff_ffff })).toBeLessThan(1);
  expect(unit({ u32: () => 0 })).toBe(0);
});

test('addresses are those of node:net', () => {
  expect(socketOptions('unix:/tmp/x')).toEqual({ path: '/tmp/x' });
  expect(socketOptions('tcp:127.0.0.1:80')).toEqual({ host: '127.0.0.1', port: 80 });
  expect(socketOptions('tcp:::1:80')).toEqual({ host: '::1', port: 80 });
  expect(() => socketOptions('http://x')).toThrow('not an address: http://x');
});
