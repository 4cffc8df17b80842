// The operating system's randomness. One of the few files that may touch it.

import { randomBytes } from 'node:crypto';
import type { Random } from './random.ts';

export const systemRandom: Random = {
  u32: () => randomBytes(4).readUInt32LE(0),
};
