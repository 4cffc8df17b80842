// What follows a failure: Flink's strategies by its formulas, and ours where none is configured.

import { describe, expect, test } from 'vitest';
import { Configuration } from '../../engine/core/configuration.ts';
import type { Random } from '../../engine/core/random.ts';
import {
  type FailureFacts,
  type RestartPolicy,
  restartPolicy,
} from '../../engine/runtime/jobmaster/restart-policy.ts';

/** Chance at its middle: no jitter. */
const middle: Random = { u32: () => 2 ** 31 };

const policyOf = (settings: Record<string, string>, random = middle): RestartPolicy =>
  restartPolicy(new Configuration(settings), random);

const failure = (
  cause: FailureFacts['cause'] = 'lost',
  nowMs = 0,
  subtask = 'a.0',
): FailureFacts => ({ cause, subtask, nowMs });

/** Delays, and how it ends. */
function decisions(policy: RestartPolicy, failures: readonly FailureFacts[]): (number | 'fail')[] {
  return failures.map((each) => {
    const decision = policy.onFailure(each);
    return decision.kind === 'fail' ? 'fail' : decision.delayMs;
  });
}

const at = (...times: readonly number[]): FailureFacts[] => times.map((ms) => failure('user', ms));

describe('where nothing is configured', () => {
  test.each(['user', 'stuck'] as const)('a failure of the program (%s) fails the job', (cause) => {
    expect(decisions(policyOf({}), [failure(cause)])).toEqual(['fail']);
  });

  test('it restarts the job where the strategy is to decide', () => {
    const policy = policyOf({ 'sluice.restart.user-errors': 'strategy' });
    expect(decisions(policy, [failure('user')])).toEqual([100]);
  });

  test('three deaths of a subtask in a row fail the job', () => {
    expect(decisions(policyOf({}), [failure(), failure(), failure()])).toEqual([100, 100, 'fail']);
  });

  test('deaths of several subtasks are counted each by itself', () => {
    const of = (subtask: string): FailureFacts => failure('lost', 0, subtask);
    const failures = ['a.0', 'a.1', 'a.0', 'a.1'].map(of);
    expect(decisions(policyOf({}), failures)).toEqual([100, 100, 100, 100]);
  });

  test('a completed checkpoint between them begins the count anew', () => {
    const policy = policyOf({});
    for (let i = 0; i < 5; i++) {
      expect(decisions(policy, [failure(), failure()])).toEqual([100, 100]);
      policy.onCheckpointCompleted();
    }
  });
});

test.each(['none', 'off', 'disable'])('%s: the first failure is the last', (type) => {
  expect(decisions(policyOf({ 'restart-strategy.type': type }), [failure()])).toEqual(['fail']);
});

test('fixed delay: so many restarts, whatever was the cause and however far apart', () => {
  const policy = policyOf({
    'restart-strategy.type': 'fixed-delay',
    'restart-strategy.fixed-delay.attempts': '2',
    'restart-strategy.fixed-delay.delay': '3 s',
  });
  policy.onCheckpointCompleted();
  expect(decisions(policy, at(0, 1e6, 1e9))).toEqual([3_000, 3_000, 'fail']);
});

test('failure rate: more than so many within the interval fail the job', () => {
  const settings = {
    'restart-strategy.type': 'failure-rate',
    'restart-strategy.failure-rate.max-failures-per-interval': '2',
    'restart-strategy.failure-rate.failure-rate-interval': '1 min',
    'restart-strategy.failure-rate.delay': '1 s',
  };
  expect(decisions(policyOf(settings), at(0, 30_000, 59_000))).toEqual([1_000, 1_000, 'fail']);
  expect(decisions(policyOf(settings), at(0, 30_000, 61_000))).toEqual([1_000, 1_000, 1_000]);
});

describe('exponential delay', () => {
  const settings = {
    'restart-strategy.type': 'exponential-delay',
    'restart-strategy.exponential-delay.initial-backoff': '1 s',
    'restart-strategy.exponential-delay.max-backoff': '5 s',
    'restart-strategy.exponential-delay.backoff-multiplier': '2',
    'restart-strategy.exponential-delay.reset-backoff-threshold': '1 h',
    'restart-strategy.exponential-delay.jitter-factor': '0',
  };

  test('grows from the first to the greatest', () => {
    expect(decisions(policyOf(settings), at(0, 1, 2, 3, 4))).toEqual([
      1_000, 2_000, 4_000, 5_000, 5_000,
    ]);
  });

  test('begins anew after so long a time without failure, the delay not counted', () => {
    const hour = 3_600_000;
    const policy = policyOf(settings);
    expect(decisions(policy, at(0, 1, 1 + hour + 1_999))).toEqual([1_000, 2_000, 4_000]);
    expect(decisions(policyOf(settings), at(0, 1, 1 + hour + 2_000))).toEqual([
      1_000, 2_000, 1_000,
    ]);
  });

  test('ends after the attempts that are allowed before it begins anew', () => {
    const key = 'restart-strategy.exponential-delay.attempts-before-reset-backoff';
    expect(decisions(policyOf({ ...settings, [key]: '2' }), at(0, 1, 2))).toEqual([
      1_000,
      2_000,
      'fail',
    ]);
  });

  test('jitter stays within its share and the bounds', () => {
    const jittered = { ...settings, 'restart-strategy.exponential-delay.jitter-factor': '0.1' };
    const lowest = policyOf(jittered, { u32: () => 0 });
    const highest = policyOf(jittered, { u32: () => 2 ** 32 - 1 });
    expect(decisions(lowest, at(0, 1, 2))).toEqual([1_000, 1_800, 3_600]);
    expect(decisions(highest, at(0, 1, 2, 3)).map((ms) => Math.round(Number(ms)))).toEqual([
      1_100, 2_200, 4_400, 5_000,
    ]);
  });
});
