// Node's modules as a bundle gets them in a slot: the real ones, but that files, sockets and randomness obey
// the rules of slot-surroundings.ts, and that no child process is ever started: waiting for one would hold up
// the cancellation of the task. In the program's own process a bundle gets the real modules.

import type { UserFunction } from '../core/user-function.ts';
import {
  currentEvaluation,
  INSTEAD,
  refused,
  refusedMeanwhile,
  type SlotEvaluation,
} from './slot-surroundings.ts';

type Module = Readonly<Record<string, unknown>>;

/** One of Node's modules, by name without `node:`. Undefined when this Node has none of the name. */
export function slotModule(name: string): Module | undefined {
  const known = guarded.get(name);
  if (known !== undefined) return known;
  const real = process.getBuiltinModule(`node:${name}`) as Module | undefined;
  if (real === undefined) return undefined;
  const made = guardedModule(name, real);
  guarded.set(name, made);
  return made;
}

const guarded = new Map<string, Module>();

const READS = [
  ...['access', 'accessSync', 'cp', 'cpSync', 'createReadStream', 'exists', 'existsSync', 'glob'],
  ...['globSync', 'lstat', 'lstatSync', 'open', 'openAsBlob', 'openSync', 'opendir', 'opendirSync'],
  ...['read', 'readFile', 'readFileSync', 'readSync', 'readdir', 'readdirSync', 'readlink'],
  ...['readlinkSync', 'readv', 'readvSync', 'realpath', 'realpathSync', 'stat', 'statSync'],
  ...['statfs', 'statfsSync', 'watch', 'watchFile', 'ReadStream'],
];

/** What reads the outside world, by module. */
const REFUSED_MEANWHILE: Readonly<Record<string, readonly string[]>> = {
  fs: READS,
  'fs/promises': READS,
  net: ['connect', 'createConnection', 'createServer', 'Socket', 'Stream', 'Server'],
  tls: ['connect', 'createServer', 'TLSSocket', 'Server'],
  http: ['get', 'request', 'createServer', 'Server', 'ClientRequest'],
  https: ['get', 'request', 'createServer', 'Server'],
  http2: ['connect', 'createServer', 'createSecureServer'],
  dgram: ['createSocket', 'Socket'],
  dns: ['lookup', 'lookupService', 'resolve', 'resolve4', 'resolve6', 'reverse'],
  'dns/promises': ['lookup', 'lookupService', 'resolve', 'resolve4', 'resolve6', 'reverse'],
};

/** Modules that hold another one as a property. */
const PARTS: Readonly<Record<string, readonly string[]>> = { fs: ['promises'], dns: ['promises'] };

function guardedModule(name: string, real: Module): Module {
  const replaced: Record<string, unknown> = {};
  for (const part of PARTS[name] ?? []) replaced[part] = slotModule(`${name}/${part}`);
  for (const key of REFUSED_MEANWHILE[name] ?? []) {
    if (key in real) replaced[key] = refusedMeanwhile(`node:${name} ${key}`, real[key]);
  }
  if (name === 'crypto') Object.assign(replaced, seededCrypto(real));
  if (name === 'child_process') Object.assign(replaced, withoutChildren(real));
  return Object.keys(replaced).length === 0 ? real : copyWith(real, replaced);
}

/** A copy, so that the engine's own module stays what it is; getters are copied unread. */
function copyWith(real: Module, replaced: Module): Module {
  const own = Object.entries(replaced).map(([key, value]) => [key, { value, enumerable: true }]);
  return Object.create(Object.getPrototypeOf(real) as object | null, {
    ...Object.getOwnPropertyDescriptors(real),
    ...(Object.fromEntries(own) as PropertyDescriptorMap),
  }) as Module;
}

function withoutChildren(real: Module): Module {
  const functions = Object.entries(real).filter(([, value]) => typeof value === 'function');
  return Object.fromEntries(
    functions.map(([key, value]) => [key, refused(value, () => noChild(key))]),
  );
}

const noChild = (call: string): string =>
  `node:child_process ${call} is refused in slots, where a child would hold up cancellation; ${INSTEAD}`;

function seededCrypto(real: Module): Module {
  const seeded = (key: string, frozen: (turn: SlotEvaluation, ...args: never[]) => unknown) => {
    const original = real[key] as UserFunction;
    return (...args: unknown[]): unknown => {
      const evaluation = currentEvaluation();
      return evaluation === undefined
        ? Reflect.apply(original, real, args)
        : frozen(evaluation, ...(args as never[]));
    };
  };
  return {
    randomUUID: seeded('randomUUID', (turn) => turn.randomUuid()),
    getRandomValues: seeded('getRandomValues', (turn, array: Uint8Array) => turn.fillRandom(array)),
    randomFillSync: seeded('randomFillSync', (turn, array: Uint8Array) => turn.fillRandom(array)),
    randomBytes: seeded('randomBytes', (turn, size: number) => turn.fillRandom(Buffer.alloc(size))),
    randomInt: seeded('randomInt', (turn, from: number, to?: number) => {
      const [low, high] = to === undefined ? [0, from] : [from, to];
      return low + Math.floor(turn.random() * (high - low));
    }),
  };
}
