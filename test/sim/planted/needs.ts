// What runs have that may show a bug: of those that cannot, a hunt is spared.

import type { Need } from './planted-bug.ts';

export const severalLeaders: Need = ({ scenario }) => (scenario.cluster.jobManagers ?? 1) > 1;

/** State of this size is written into files of its own, or not at all. */
export const incremental: Need = ({ scenario: { configuration } }) =>
  configuration['execution.checkpointing.incremental'] === 'true' &&
  configuration['state.storage.fs.memory-threshold'] === 0;

/** The same, with checkpoints behind the latest that must stay as they are. */
export const incrementalRetained: Need = (drawn) =>
  incremental(drawn) && drawn.scenario.limits.retained > 1;

export const incrementalLed: Need = (drawn) => severalLeaders(drawn) && incremental(drawn);

export const overtaking: Need = ({ scenario }) =>
  scenario.configuration['execution.checkpointing.unaligned.enabled'] === 'true';

/** Its state is dealt out anew: of a checkpoint, of which alone records are in flight. */
export const overtakingRescaled: Need = (drawn) =>
  overtaking(drawn) && (drawn.scenario.rescales.length > 0 || drawn.scenario.act === 'power-cut');

export const files: Need = ({ shape }) => shape.sink !== 'print';

/** Some rows go to the client. */
export const rows: Need = ({ shape }) => shape.sink !== 'files' || shape.hasEarly;

/** The client has not all of them when their task ends. */
export const lateRows: Need = (drawn) =>
  severalLeaders(drawn) && rows(drawn) && drawn.scenario.clientMs > 0;
