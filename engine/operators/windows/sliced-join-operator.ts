// Window joins by slices: tumbling windows, each of them one slice. Elements wait on their side; when the window
// fires, the keys that have some on both are joined, or all are given to the co-group.

import { must } from '../../core/assert.ts';
import { LogRoom, SliceLog } from '../../state/heap/slice-log.ts';
import type { SidesCursor, SlicedJoinState } from '../../state/keyed-state.ts';
import type { Window } from '../functions.ts';
import type { InlineLogs, OperatorContext } from '../stream-operator.ts';
import { type EmitSides, emitSidesFor } from './join-contents.ts';
import { SlicedWindowOperator } from './sliced-window-operator.ts';
import type { Slicer } from './slicers.ts';
import type { Side } from './window-contents.ts';
import type { WindowDefinition } from './windowing-operator.ts';

export class SlicedJoinOperator extends SlicedWindowOperator<SidesCursor> {
  readonly inline: InlineLogs | undefined;
  readonly #slices: SlicedJoinState;
  readonly #emit: EmitSides;
  /** A key with elements on one side only has nothing to emit. */
  readonly #needsBoth: boolean;

  constructor(
    definition: WindowDefinition,
    kind: 'join' | 'co-group',
    slicer: Slicer,
    context: OperatorContext,
  ) {
    super(definition, slicer, context);
    this.#slices = this.state.slicedJoin({ name: 'slices' });
    this.#emit = emitSidesFor(kind, context);
    this.#needsBoth = kind === 'join';
    this.inline = this.#createInline();
  }

  protected override slicesHeld(): Iterable<number> {
    return this.#slices.slices();
  }

  protected override addToSlice(value: unknown, _timeMs: number, side: Side): void {
    this.#slices.add(this.slice, side, value);
  }

  /** The state has everything at once. */
  protected override leaveSlice(): void {
    this.inline?.cell.times.fill(Number.NaN);
  }

  protected override clearSlice(slice: number): void {
    this.#slices.clear(slice);
  }

  protected override keysOf(slices: readonly number[]): SidesCursor {
    return this.#slices.cursor(must(slices[0], 'the slice of a tumbling window'), this.#needsBoth);
  }

  protected override fireKey(keys: SidesCursor, window: Window): void {
    this.context.metrics.countWindowFired(1);
    this.output.timeMs = window.end - 1;
    this.#emit(keys.sides(), this.output);
  }

  #createInline(): InlineLogs | undefined {
    const slices = this.#slices;
    if (slices.logs === undefined || this.slicer.domain !== 'event') return undefined;
    const none = new SliceLog((value) => value, new LogRoom());
    const cell = { left: none, right: none, times: new Float64Array(2).fill(Number.NaN) };
    return { kind: 'logs', cell, prepare: (side) => this.#prepare(cell, side) };
  }

  #prepare(cell: InlineLogs['cell'], side: Side): boolean {
    if (this.slicer.isEndless === true || !this.reach(this.windowTime())) return false;
    const logs = must(this.#slices.logs?.(this.slice), 'logs');
    [cell.left, cell.right] = logs;
    cell.times.set([this.from, this.slice]);
    logs[side].makeRoom();
    return logs[side].hasRoom;
  }
}
