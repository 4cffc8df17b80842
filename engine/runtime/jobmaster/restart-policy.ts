// What follows the failure of a task: a restart after some time, or the end of the job. Where a strategy is
// configured it is obeyed to the letter, with Flink's formulas. Where none is: what the program threw ends
// the job at once (it would throw again); the death of a worker or process restarts it, until the same
// subtask has died three times with no checkpoint between: then something in it kills them; what the machine
// refuses restarts it for as long as that lasts, less and less often.

import type { Configuration } from '../../core/configuration.ts';
import { options } from '../../core/options.ts';
import { type Random, unit } from '../../core/random.ts';
import type { TaskFailure } from '../../task/slot-messages.ts';

export interface FailureFacts {
  readonly cause: TaskFailure['cause'];
  /** Unique for the subtask. */
  readonly subtask: string;
  /** Monotonic. */
  readonly nowMs: number;
}

type FailureDecision =
  | { readonly kind: 'restart'; readonly delayMs: number }
  | { readonly kind: 'fail'; readonly because: string };

export interface RestartPolicy {
  onFailure(failure: FailureFacts): FailureDecision;
  onCheckpointCompleted(): void;
}

const DEATHS_MAX = 3;
const RESTART_DELAY_MS = 100;
/** A disk that is full gets room when somebody makes some: who waits for the job is to wait little longer. */
const MACHINE_BACKOFF: Backoff = {
  initialMs: RESTART_DELAY_MS,
  maxMs: 5_000,
  multiplier: 2,
  resetMs: Number.POSITIVE_INFINITY,
  jitter: 0,
  attemptsMax: Number.POSITIVE_INFINITY,
};

export function restartPolicy(configuration: Configuration, random: Random): RestartPolicy {
  if (configuration.has(options.restartStrategy)) return configured(configuration, random);
  const isUserFatal = configuration.get(options.restartUserErrors) === 'fail';
  return new DefaultPolicy(isUserFatal, () => new ExponentialDelay(MACHINE_BACKOFF, random));
}

class DefaultPolicy implements RestartPolicy {
  readonly #isUserFatal: boolean;
  readonly #deaths = new Map<string, number>();
  readonly #newBackoff: () => RestartPolicy;
  /** For as long as the machine refuses. */
  #backoff: RestartPolicy;

  constructor(isUserFatal: boolean, newBackoff: () => RestartPolicy) {
    this.#isUserFatal = isUserFatal;
    this.#newBackoff = newBackoff;
    this.#backoff = newBackoff();
  }

  onFailure(failure: FailureFacts): FailureDecision {
    const { cause, subtask } = failure;
    if (cause === 'machine') return this.#backoff.onFailure(failure);
    if (this.#isUserFatal && (cause === 'user' || cause === 'stuck')) {
      return {
        kind: 'fail',
        because: 'the program would fail again (sluice.restart.user-errors: fail)',
      };
    }
    const deaths = (this.#deaths.get(subtask) ?? 0) + 1;
    this.#deaths.set(subtask, deaths);
    if (deaths >= DEATHS_MAX) {
      return {
        kind: 'fail',
        because: `it failed ${deaths} times in a row with no checkpoint between`,
      };
    }
    return { kind: 'restart', delayMs: RESTART_DELAY_MS };
  }

  onCheckpointCompleted(): void {
    this.#backoff = this.#newBackoff();
    this.#deaths.clear();
  }
}

function configured(configuration: Configuration, random: Random): RestartPolicy {
  const strategy = configuration.get(options.restartStrategy);
  switch (strategy) {
    case 'none':
    case 'disable':
    case 'off':
      return stateless(() => ({ kind: 'fail', because: 'restart-strategy.type is none' }));
    case 'fixed-delay':
      return fixedDelay(configuration);
    case 'failure-rate':
      return failureRate(configuration);
    case 'exponential-delay':
      return new ExponentialDelay(configuredBackoff(configuration), random);
  }
}

const stateless = (onFailure: RestartPolicy['onFailure']): RestartPolicy => ({
  onFailure,
  onCheckpointCompleted: () => undefined,
});

function fixedDelay(configuration: Configuration): RestartPolicy {
  const attempts = configuration.get(options.restartAttempts);
  const delayMs = configuration.get(options.restartDelay);
  let restarts = 0;
  return stateless(() => {
    restarts++;
    if (restarts > attempts) {
      return { kind: 'fail', because: `restart-strategy.fixed-delay.attempts is ${attempts}` };
    }
    return { kind: 'restart', delayMs };
  });
}

function failureRate(configuration: Configuration): RestartPolicy {
  const max = configuration.get(options.restartRateMax);
  const intervalMs = configuration.get(options.restartRateInterval);
  const delayMs = configuration.get(options.restartRateDelay);
  let failures: number[] = [];
  return stateless(({ nowMs }) => {
    failures = [...failures.filter((atMs) => nowMs - atMs <= intervalMs), nowMs];
    if (failures.length > max) {
      return {
        kind: 'fail',
        because: `more than ${max} failures in ${intervalMs} ms (restart-strategy.failure-rate)`,
      };
    }
    return { kind: 'restart', delayMs };
  });
}

interface Backoff {
  readonly initialMs: number;
  readonly maxMs: number;
  readonly multiplier: number;
  readonly resetMs: number;
  /** A share of each wait. */
  readonly jitter: number;
  readonly attemptsMax: number;
}

const configuredBackoff = (configuration: Configuration): Backoff => ({
  initialMs: configuration.get(options.restartBackoffInitial),
  maxMs: configuration.get(options.restartBackoffMax),
  multiplier: configuration.get(options.restartBackoffMultiplier),
  resetMs: configuration.get(options.restartBackoffReset),
  jitter: configuration.get(options.restartBackoffJitter),
  attemptsMax: configuration.get(options.restartBackoffAttempts),
});

/**
 * Failures until the restart that one of them has set off are one attempt. Each attempt waits longer than the one
 * before; after a time without failure, counted from the last restart, the first wait is as at first.
 */
class ExponentialDelay implements RestartPolicy {
  readonly #backoff: Backoff;
  readonly #random: Random;
  #attempts = 0;
  #nextRestartMs = Number.NEGATIVE_INFINITY;

  constructor(backoff: Backoff, random: Random) {
    this.#backoff = backoff;
    this.#random = random;
  }

  onFailure({ nowMs }: FailureFacts): FailureDecision {
    if (nowMs > this.#nextRestartMs) {
      if (nowMs - this.#nextRestartMs >= this.#backoff.resetMs) this.#attempts = 0;
      this.#nextRestartMs = nowMs + this.#backoffMs();
      this.#attempts++;
    }
    if (this.#attempts > this.#backoff.attemptsMax) {
      return {
        kind: 'fail',
        because: `restart-strategy.exponential-delay.attempts-before-reset-backoff is ${this.#backoff.attemptsMax}`,
      };
    }
    return { kind: 'restart', delayMs: this.#nextRestartMs - nowMs };
  }

  onCheckpointCompleted(): void {
    // Flink counts time without failure, not checkpoints.
  }

  #backoffMs(): number {
    const { initialMs, maxMs, multiplier, jitter: share } = this.#backoff;
    const exact = initialMs * multiplier ** this.#attempts;
    const ms = Math.trunc(Math.min(exact, Number.MAX_SAFE_INTEGER));
    const offset = Math.trunc(ms * share);
    const jitter = Math.floor(unit(this.#random) * (2 * offset + 1)) - offset;
    return Math.max(initialMs, Math.min(ms + jitter, maxMs));
  }
}
