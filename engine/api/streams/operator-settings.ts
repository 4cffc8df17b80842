// What can be said about every operator after it was made: its name, identity, parallelism, and how it is
// chained and placed. Streams and sinks offer these under the same names.

import { MAX_PARALLELISM_LIMIT } from '../../core/key-groups.ts';
import { Check, shown } from '../program-error.ts';
import type { NodeChange } from '../recorder.ts';
import type { Recorded } from './flow.ts';

export function setName(operator: Recorded, name: string): void {
  checkOf(operator, 'name').text('the name', name);
  change(operator, { name: `${namePrefix(operator)}${name}` });
}

export function setUid(operator: Recorded, uid: string): void {
  checkOf(operator, 'uid').text('the uid', uid);
  change(operator, { uid });
}

export function setParallelism(operator: Recorded, parallelism: number): void {
  const check = checkOf(operator, 'setParallelism');
  check.wholeNumber('the parallelism', parallelism, 1, MAX_PARALLELISM_LIMIT);
  checkSingle(check, operator, parallelism);
  change(operator, { parallelism });
}

export function setMaxParallelism(operator: Recorded, maxParallelism: number): void {
  const check = checkOf(operator, 'setMaxParallelism');
  check.wholeNumber('the max parallelism', maxParallelism, 1, MAX_PARALLELISM_LIMIT);
  checkSingle(check, operator, maxParallelism);
  change(operator, { maxParallelism });
}

export function setSlotSharingGroup(operator: Recorded, group: string): void {
  checkOf(operator, 'slotSharingGroup').text('the group', group);
  change(operator, { slotSharingGroup: group });
}

export const setChaining = (operator: Recorded, chaining: 'head' | 'never'): void =>
  change(operator, { chaining });

export function setBufferTimeout(operator: Recorded, timeoutMs: number): void {
  checkOf(operator, 'setBufferTimeout').wholeNumber('the timeout', timeoutMs, -1);
  change(operator, { bufferTimeoutMs: timeoutMs });
}

export function setDescription(operator: Recorded, description: string): void {
  const check = checkOf(operator, 'setDescription');
  check.that(
    typeof description === 'string',
    `the description is ${shown(description)}; give a text`,
  );
  change(operator, { description });
}

const change = ({ flow, node }: Recorded, to: NodeChange): void => flow.recorder.change(node, to);

const checkOf = ({ flow }: Recorded, call: string): Check => new Check(call, flow.recorder);

function checkSingle(check: Check, { single }: Recorded, parallelism: number): void {
  if (single !== undefined && parallelism !== 1)
    check.fail(`${parallelism} subtasks; this operator has one: ${single}`);
}

/** As Flink marks the two ends of a plan. */
function namePrefix({ kind }: Pick<Recorded, 'kind'>): string {
  if (kind === 'source') return 'Source: ';
  return kind === 'sink' ? 'Sink: ' : '';
}
