// Whatever an operator emits, it must emit in hostile surroundings too: restored from a snapshot before each
// element, or from changes behind changes that are written while it works on, with an output that refuses every
// other call, with neighbours that change every object they can reach, and, for keyed operators, rescaled again
// and again.

import { expect } from 'vitest';
import { type OperatorDefinition, OperatorHarness } from './operator-harness.ts';
import type { InputItem, OutputItem } from './operator-items.ts';
import { RescalingHarness } from './rescaling-harness.ts';

export interface Expectation {
  readonly input: readonly InputItem[];
  readonly output: readonly OutputItem[];
  /** False where the user's functions share objects between records on purpose. */
  readonly vandals?: boolean;
  /** False for operators that hold no state by key. */
  readonly rescales?: boolean;
}

/** The operator emits exactly this, in this order. */
export function verifyOperator(definition: OperatorDefinition, expectation: Expectation): void {
  const { input, output, vandals = true } = expectation;
  expect(runAsGiven(definition, input).flat(), 'as given').toEqual(output);
  expect(runRestored(definition, input).flat(), 'restored before each').toEqual(output);
  expect(runWithoutCredit(definition, input).flat(), 'no credit').toEqual(output);
  expect(runRestored(definition, input, true).flat(), 'restored, no credit').toEqual(output);
  expect(runFromChanges(definition, input).flat(), 'from changes').toEqual(output);
  if (vandals) expect(runAmongVandals(definition, input).flat(), 'vandals').toEqual(output);
  if (definition.key === undefined || expectation.rescales === false) return;
  // Order holds within a subtask only, and every subtask passes the watermark on.
  expect(runRescaled(definition, input).map(canonical), 'rescaled').toEqual(
    runAsGiven(definition, input).map(canonical),
  );
}

/** As `verifyOperator`, where only what each input item causes is known, not the order within. */
export function verifyGroups(
  definition: OperatorDefinition,
  input: readonly InputItem[],
  expected: readonly (readonly OutputItem[])[],
): void {
  const groups = expected.map(canonical);
  expect(runAsGiven(definition, input).map(canonical), 'as given').toEqual(groups);
  expect(runRestored(definition, input).map(canonical), 'restored before each').toEqual(groups);
  expect(runWithoutCredit(definition, input).map(canonical), 'no credit').toEqual(groups);
  expect(runFromChanges(definition, input).map(canonical), 'from changes').toEqual(groups);
  expect(runAmongVandals(definition, input).map(canonical), 'vandals').toEqual(groups);
  if (definition.key !== undefined) {
    expect(runRescaled(definition, input).map(canonical), 'rescaled').toEqual(groups);
  }
}

function runAsGiven(definition: OperatorDefinition, input: readonly InputItem[]): OutputItem[][] {
  const harness = new OperatorHarness(definition);
  const outputs = input.map((item) => harness.push(structuredClone(item)));
  harness.close();
  return outputs;
}

function runRestored(
  definition: OperatorDefinition,
  input: readonly InputItem[],
  isHostile = false,
): OutputItem[][] {
  const options = isHostile ? { hasCredit: everyOther() } : {};
  let harness = new OperatorHarness(definition, options);
  const outputs = input.map((item) => {
    // An operator is asked for a snapshot only when no element is half done.
    if (harness.isPending) return harness.push(structuredClone(item));
    const restored = harness.snapshot();
    harness.close();
    harness = new OperatorHarness(definition, { ...options, restored });
    return harness.push(structuredClone(item));
  });
  harness.close();
  return outputs;
}

/** A checkpoint is written while each element is worked on, and every fifth time it is gone on from. */
function runFromChanges(
  definition: OperatorDefinition,
  input: readonly InputItem[],
): OutputItem[][] {
  let harness = new OperatorHarness(definition);
  const outputs = input.map((item, i) => {
    const complete = harness.beginSnapshot('changes');
    const output = harness.push(structuredClone(item));
    const restored = complete();
    if (i % 5 < 4) return output;
    harness.close();
    harness = new OperatorHarness(definition, { restored });
    return harness.push(structuredClone(item));
  });
  harness.close();
  return outputs;
}

function runWithoutCredit(
  definition: OperatorDefinition,
  input: readonly InputItem[],
): OutputItem[][] {
  const harness = new OperatorHarness(definition, { hasCredit: everyOther() });
  return input.map((item) => harness.push(structuredClone(item)));
}

function runAmongVandals(
  definition: OperatorDefinition,
  input: readonly InputItem[],
): OutputItem[][] {
  const harness = new OperatorHarness(definition, { isVandal: true });
  return input.map((item) => harness.push(structuredClone(item)));
}

function runRescaled(definition: OperatorDefinition, input: readonly InputItem[]): OutputItem[][] {
  const harness = new RescalingHarness(definition, 1);
  return input.map((item, i) => {
    if (i % 3 < 2) harness.checkpoint();
    else harness.rescale([2, 3, 1, 5][i % 4] ?? 1);
    return harness.push(structuredClone(item));
  });
}

function everyOther(): () => boolean {
  let calls = 0;
  return () => calls++ % 2 === 1;
}

/** Records in some fixed order, and each watermark once. */
export function canonical(items: readonly OutputItem[]): string[] {
  const lines = items.map((item) =>
    item.kind === 'record'
      ? `${item.tag ?? ''}@${item.timeMs} ${JSON.stringify(item.value, exact)}`
      : `watermark ${item.timeMs}`,
  );
  return [...new Set(lines.filter((line) => line.startsWith('watermark')))].concat(
    lines.filter((line) => !line.startsWith('watermark')).sort(),
  );
}

/** What JSON has no word for. */
function exact(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
