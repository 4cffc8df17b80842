// A keyed operator in several subtasks, which is stopped and started again with another parallelism.

import { keyGroupOf, subtaskOfKeyGroup } from '../../engine/core/key-groups.ts';
import { decodeOperatorState, encodeOperatorState } from '../../engine/state/operator-snapshot.ts';
import { keyGroupsOf, redistribute } from '../../engine/state/rescaling.ts';
import {
  type HarnessSnapshot,
  type OperatorDefinition,
  OperatorHarness,
} from './operator-harness.ts';
import type { InputItem, OutputItem } from './operator-items.ts';

/** Elements go where their key belongs; watermarks, and elements without a key, everywhere. */
export class RescalingHarness {
  readonly #definition: OperatorDefinition;
  #subtasks: OperatorHarness[];

  constructor(definition: OperatorDefinition, parallelism: number) {
    this.#definition = definition;
    this.#subtasks = this.#start(parallelism, []);
  }

  /** What has no key reaches those subtasks for which `reaches` is true; absent: all. */
  push(item: InputItem, reaches: (subtask: number) => boolean = () => true): OutputItem[] {
    const { key, maxParallelism = 128, keyedInputs = [0, 1] } = this.#definition;
    if (item.kind !== 'record' || key === undefined || !keyedInputs.includes(item.input)) {
      return this.#subtasks.flatMap((subtask, i) => (reaches(i) ? subtask.push(item) : []));
    }
    const group = keyGroupOf(key(item.value as never, item.input), maxParallelism);
    const owner = subtaskOfKeyGroup(group, this.#subtasks.length, maxParallelism);
    return this.#subtasks[owner]?.push(item) ?? [];
  }

  /** The keys that have state, of all subtasks. */
  keys(): unknown[] {
    return this.#subtasks.flatMap((subtask) => subtask.keys());
  }

  /** Of all subtasks, what has changed. */
  checkpoint(): HarnessSnapshot[] {
    return this.#subtasks.map((subtask) => subtask.snapshot('changes'));
  }

  /** Stops all subtasks with a checkpoint and starts from it with another parallelism. */
  rescale(parallelism: number): void {
    const snapshots = this.checkpoint();
    for (const subtask of this.#subtasks) subtask.close();
    this.#subtasks = this.#start(parallelism, snapshots);
  }

  #start(parallelism: number, old: readonly HarnessSnapshot[]): OperatorHarness[] {
    const { maxParallelism = 128 } = this.#definition;
    const blocks = old.flatMap((snapshot) => snapshot.keyed);
    const operator = redistribute(
      old.map((snapshot) => decodeOperatorState(snapshot.operator)),
      parallelism,
    );
    const [first] = old;
    return Array.from({ length: parallelism }, (_, subtask) => {
      if (first === undefined)
        return new OperatorHarness(this.#definition, { subtask, parallelism });
      const restored = {
        keyed: keyGroupsOf(blocks, subtask, parallelism, maxParallelism),
        operator: encodeOperatorState(operator[subtask] ?? []),
        watermark: Math.min(...old.map((snapshot) => snapshot.watermark)),
        ownWatermark: Math.min(...old.map((snapshot) => snapshot.ownWatermark)),
        nowMs: first.nowMs,
      };
      return new OperatorHarness(this.#definition, { subtask, parallelism, restored });
    });
  }
}
