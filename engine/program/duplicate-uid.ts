// Two operators with one identity: neither could be given its state back.

import { SluiceError } from '../core/errors.ts';
import { describeNode, type Origin, type StreamNode } from '../graph/stream-graph.ts';

export class DuplicateUid extends SluiceError<'duplicate-uid'> {
  /** Of the second operator. */
  readonly origin: Origin | undefined;

  constructor(first: StreamNode, second: StreamNode) {
    super(
      'duplicate-uid',
      `two operators have the uid ${JSON.stringify(first.uid)}: ` +
        `${describeNode(first)} and ${describeNode(second)}; give one of them another with .uid()`,
    );
    this.origin = second.origin;
  }
}
