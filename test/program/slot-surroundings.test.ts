import { describe, expect, test } from 'vitest';
import { resultOf, stopBundlerAfterTests, surroundings } from './notebooks.ts';

stopBundlerAfterTests();

const inSlot = (text: string, given: Partial<typeof surroundings> = {}): Promise<unknown> =>
  resultOf(text, { mode: 'slot', ...given });

/** Everything that an evaluation may replace. */
const globals = (): unknown[] => [
  ...[Date, Date.now, Math.random, performance.now, crypto.getRandomValues, crypto.randomUUID],
  ...[fetch, WebSocket, Object.getOwnPropertyDescriptor(globalThis, 'fetch')],
  Object.getOwnPropertyNames(crypto),
];

const TIME_AND_CHANCE = `
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { performance as perf } from 'node:perf_hooks';
[
  Date.now(), new Date().getTime(), new Date(5).getTime(), new Date() instanceof Date, Date(),
  performance.now(), perf.now(), Math.random(), Math.random(), [...crypto.getRandomValues(new Uint8Array(4))],
  crypto.randomUUID(), randomUUID(), randomBytes(4).toString('hex'), randomInt(5, 10), new (class extends Date {})().getTime(),
];
`;

describe('in a slot', () => {
  test('time and chance are the submission’s', async () => {
    const once = (await inSlot(TIME_AND_CHANCE)) as unknown[];
    const { nowMs } = surroundings;
    expect(once.slice(0, 7)).toEqual([
      nowMs,
      nowMs,
      5,
      true,
      new Date(nowMs).toString(),
      nowMs,
      nowMs,
    ]);
    expect(once[7]).not.toBe(once[8]);
    expect(once[10]).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(once[14]).toBe(nowMs);
    expect(await inSlot(TIME_AND_CHANCE)).toEqual(once);
    const other = (await inSlot(TIME_AND_CHANCE, { seed: 8 })) as unknown[];
    expect(other[7]).not.toBe(once[7]);
    expect(other[10]).not.toBe(once[10]);
  });

  test('time stands still also behind an await, and for what was taken before', async () => {
    const text =
      'const { now } = Date, D = Date;\nawait new Promise((resolve) => setTimeout(resolve, 2));\n[now(), new D().getTime(), Date.now()];\n';
    expect(await inSlot(text)).toEqual(Array(3).fill(surroundings.nowMs));
  });

  test('functions that are called later get the real ones', async () => {
    const text = `
import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
const { now } = Date, D = Date, { random } = Math, read = readFileSync;
() => [now(), Date.now(), new D().getTime(), new Date().getTime(), random(), randomUUID(), read('/dev/null', 'utf8'), performance.now()];
`;
    const later = (await inSlot(text)) as () => unknown[];
    const [first, second] = [later(), later()];
    for (const time of first.slice(0, 4)) expect(time).toBeGreaterThan(surroundings.nowMs);
    expect(first[4]).not.toBe(second[4]);
    expect(first[5]).not.toBe(second[5]);
    expect(first[6]).toBe('');
    expect(first[7]).toBeLessThan(surroundings.nowMs);
  });

  test('everything is as it was when the evaluation has ended, or has failed', async () => {
    const before = globals();
    await inSlot('1;');
    expect(globals()).toEqual(before);
    await expect(inSlot('await null; throw new Error("no");')).rejects.toThrow('no');
    expect(globals()).toEqual(before);
    await expect(inSlot('throw new Error("at once");')).rejects.toThrow('at once');
    expect(globals()).toEqual(before);
  });

  test('nothing is loaded that the program does not name', async () => {
    let loaded = 0;
    const get = (): unknown => {
      loaded++;
      return class {};
    };
    Object.defineProperty(globalThis, 'EventSource', { get, configurable: true });
    await inSlot('1;');
    expect(loaded).toBe(0);
    await expect(inSlot("new EventSource('');")).rejects.toThrow(/^EventSource is refused/);
    expect(loaded).toBe(1);
    Reflect.deleteProperty(globalThis, 'EventSource');
  });

  test('what an evaluation has left running gets the real ones when it has ended', async () => {
    const text = `
import { readFileSync } from 'node:fs';
const D = Date, { random } = Math;
const left = new Promise((resolve) => setTimeout(() => resolve([new D().getTime(), readFileSync('/dev/null', 'utf8')]), 5));
() => left;
`;
    const left = (await inSlot(text)) as () => Promise<[number, string]>;
    const [now, file] = await left();
    expect(now).toBeGreaterThan(surroundings.nowMs);
    expect(file).toBe('');
  });

  test('several evaluations, and others in the same thread, each have their own time', async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    Object.assign(globalThis, { gates });
    const before = globals();
    const waiting = (gate: number): string =>
      `await (globalThis as any).gates[${gate}].promise;\n[Date.now(), Math.random()];\n`;
    const first = inSlot(waiting(0));
    const second = inSlot(waiting(1), { nowMs: 5 });
    await Promise.resolve();
    expect(Date.now()).toBeGreaterThan(surroundings.nowMs);
    gates[0]?.resolve();
    const [now, chance] = (await first) as number[];
    gates[1]?.resolve();
    expect(now).toBe(surroundings.nowMs);
    expect(await second).toEqual([5, chance]);
    expect(globals()).toEqual(before);
    Reflect.deleteProperty(globalThis, 'gates');
  });
});

describe('refused while a slot evaluates a cell', () => {
  test.each([
    ['fetch', '', "await fetch('http://127.0.0.1:1/');"],
    ['WebSocket', '', "new WebSocket('ws://127.0.0.1:1/');"],
    ['node:fs readFileSync', "import fs from 'fs';", "fs.readFileSync('/dev/null');"],
    [
      'node:fs readFileSync',
      "import { readFileSync } from 'node:fs';",
      "readFileSync('/dev/null');",
    ],
    [
      'node:fs createReadStream',
      "import * as fs from 'node:fs';",
      "fs.createReadStream('/dev/null');",
    ],
    ['node:fs existsSync', "import fs from 'fs';", "fs.existsSync('/dev/null');"],
    [
      'node:fs/promises readFile',
      "import { promises } from 'fs';",
      "await promises.readFile('/dev/null');",
    ],
    [
      'node:fs/promises open',
      "import { open } from 'node:fs/promises';",
      "await open('/dev/null');",
    ],
    ['node:net connect', "import net from 'node:net';", 'net.connect(1);'],
    ['node:net Socket', "import { Socket } from 'node:net';", 'new Socket();'],
    ['node:http request', "import http from 'node:http';", "http.request('http://127.0.0.1:1/');"],
    ['node:https get', "import { get } from 'https';", "get('https://127.0.0.1:1/');"],
    ['node:dgram createSocket', "import dgram from 'node:dgram';", "dgram.createSocket('udp4');"],
    [
      'node:child_process execSync',
      "import { execSync } from 'child_process';",
      "execSync('true');",
    ],
    ['node:fs readFileSync', '', "(await import('node:fs')).readFileSync('/dev/null');"],
  ])('is %s: %s %s', async (what, imports, call) => {
    await expect(inSlot(`${imports}\n// %% A\n${call}\n`)).rejects.toThrow(
      expect.objectContaining({
        reason: 'refused-in-slot',
        message: expect.stringMatching(
          new RegExp(`^${what} is refused .*read it in the program: use from\\(\\)`),
        ),
        stack: expect.stringMatching(/at .*flights\.ts:3:\d+/),
      }),
    );
  });

  test('is nothing in the program', async () => {
    const text =
      "import { execSync } from 'child_process';\nimport fs from 'fs';\n[String(execSync('echo hi')), fs.readFileSync('/dev/null', 'utf8'), Date.now()];\n";
    const [echo, file, now] = (await resultOf(text)) as unknown[];
    expect([echo, file]).toEqual(['hi\n', '']);
    expect(now).toBeGreaterThan(surroundings.nowMs);
  });

  test('are child processes also later', async () => {
    const text = "import { execSync } from 'node:child_process';\n() => execSync('true');\n";
    const later = (await inSlot(text)) as () => unknown;
    expect(later).toThrow(/^node:child_process execSync is refused in slots/);
  });

  test('is no use of a class’s name', async () => {
    const text =
      "import net from 'node:net';\nimport fs from 'node:fs';\nclass Mine extends net.Socket {}\n[Mine.name, typeof fs.constants.R_OK, net.isIP('::1')];\n";
    expect(await inSlot(text)).toEqual(['Mine', 'number', 6]);
  });
});
