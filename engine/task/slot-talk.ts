// What is said in a slot, on its way to the JobMaster: bounded in lines and length, each line with the
// operator that it comes from.

import type { Clock } from '../core/clock.ts';
import type { AttemptId } from '../core/ids.ts';
import { limits } from '../core/limits.ts';
import type { Logger, LogLevel } from '../core/logger.ts';
import { LineLimit } from './line-limit.ts';
import type { FromSlot } from './slot-messages.ts';
import type { TaskDeployment } from './task-deployment.ts';

export class SlotTalk {
  readonly #limit: LineLimit;
  readonly #post: (message: FromSlot) => void;

  constructor(clock: Clock, post: (message: FromSlot) => void) {
    this.#limit = new LineLimit(clock);
    this.#post = post;
  }

  say(attemptId: AttemptId, level: LogLevel, source: string, text: string): void {
    if (this.#limit.isNewSecond()) this.tellDropped(attemptId, source);
    if (this.#limit.passes())
      this.#post({ kind: 'message', attemptId, message: { level, source, text: shortened(text) } });
  }

  /** Says how many lines were left out since that was said last; for a task that ends, for the last time. */
  tellDropped(attemptId: AttemptId, source: string): void {
    const dropped = this.#limit.takeDropped();
    if (dropped === 0) return;
    const text = `${dropped} lines were left out: more than ${limits.logLinesMax} in a second`;
    this.#post({ kind: 'message', attemptId, message: { level: 'warn', source, text } });
  }

  /** For the operators of a task, each of which names itself. */
  logger(deployment: TaskDeployment): Logger {
    const named = (source: string): Logger => ({
      log: (level, text) => this.say(deployment.attemptId, level, source, text),
      named: (operator) => named(sourceName(operator, deployment)),
    });
    return named(sourceName(deployment.vertexName, deployment));
  }
}

/** `Source: socket (1/2)`. */
export const sourceName = (
  name: string,
  { subtask, parallelism }: Pick<TaskDeployment, 'subtask' | 'parallelism'>,
): string => (parallelism === 1 ? name : `${name} (${subtask + 1}/${parallelism})`);

const shortened = (text: string): string =>
  text.length <= limits.messageCharsMax ? text : `${text.slice(0, limits.messageCharsMax)}…`;
