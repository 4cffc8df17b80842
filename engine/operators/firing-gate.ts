// When a firing must stop between two keys: it looks at the chain's credit after its first output and then
// every limits.firingOutputsPerTurn outputs, never per record.

import { limits } from '../core/limits.ts';
import type { ElementOutput } from './element-output.ts';
import type { OperatorContext } from './stream-operator.ts';

export class FiringGate {
  readonly #context: OperatorContext;
  readonly #output: ElementOutput;
  #lookAt = 0;

  constructor(context: OperatorContext, output: ElementOutput) {
    this.#context = context;
    this.#output = output;
  }

  /** A firing begins. */
  begin(): void {
    this.#lookAt = this.#output.emitted + 1;
  }

  /** The chain has credit again. */
  resume(): void {
    this.#lookAt = this.#output.emitted + limits.firingOutputsPerTurn;
  }

  /** Between two keys. */
  mustStop(): boolean {
    if (this.#output.emitted < this.#lookAt) return false;
    this.#lookAt = this.#output.emitted + limits.firingOutputsPerTurn;
    return !this.#context.hasCredit();
  }
}
