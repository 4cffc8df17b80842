// What programs see in tests.

import type { Surroundings } from '../../engine/core/surroundings.ts';

export const surroundings: Surroundings = {
  parameters: {},
  environment: {},
  configuration: {},
  nowMs: 1_700_000_000_000,
  seed: 7,
};
