// Flags of the screen, apart from it: whoever runs without a screen does not load it.

import type { Flags } from '../args.ts';
import { OWN_CLUSTER_FLAGS, PROGRAM_FLAGS } from '../flags.ts';

export const SCREEN_FLAGS = {
  ...PROGRAM_FLAGS,
  ...OWN_CLUSTER_FLAGS,
  'no-watch': { kind: 'switch', description: 'A save only marks what it changes; ctrl+j runs it.' },
  'no-mouse': { kind: 'switch', description: 'Leave the mouse to the terminal.' },
  ascii: { kind: 'switch', description: 'No characters beyond ASCII.' },
  theme: { kind: 'value', value: 'dark|light', description: 'Which background the terminal has.' },
} as const satisfies Flags;
