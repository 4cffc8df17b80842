// All planted bugs. What the simulation finds each by, and how soon, `npm run sim -- --planted` tells.

import { BARRIER_BUGS } from './barrier-bugs.ts';
import { CHECKPOINT_BUGS } from './checkpoint-bugs.ts';
import { COORDINATION_BUGS } from './coordination-bugs.ts';
import { INCREMENTAL_BUGS } from './incremental-bugs.ts';
import { LEADER_BUGS } from './leader-bugs.ts';
import { OVERTAKING_BUGS } from './overtaking-bugs.ts';
import type { PlantedBug } from './planted-bug.ts';
import { SINK_BUGS } from './sink-bugs.ts';
import { STATE_BUGS } from './state-bugs.ts';

export const BUGS: readonly PlantedBug[] = [
  ...BARRIER_BUGS,
  ...OVERTAKING_BUGS,
  ...CHECKPOINT_BUGS,
  ...INCREMENTAL_BUGS,
  ...SINK_BUGS,
  ...STATE_BUGS,
  ...COORDINATION_BUGS,
  ...LEADER_BUGS,
];
