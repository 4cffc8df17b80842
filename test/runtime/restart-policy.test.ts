// What follows a failure: Flink's strategies by its formulas, and ours where none is configured.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BadConfiguration, Configuration } from '../../engine/core/configuration.ts';
import { type Random, SeededRandom } from '../../engine/core/random.ts';
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

  test('what the machine refuses restarts the job for as long as it lasts, less and less often', () => {
    const policy = policyOf({});
    const refused = [0, 101, 400, 402, 900, 2_000, 4_000, 9_000, 15_000, 21_000];
    const failures = refused.map((ms) => failure('machine', ms));
    const delays = [100, 200, 400, 398, 800, 1_600, 3_200, 5_000, 5_000, 5_000];
    expect(decisions(policy, failures)).toEqual(delays);
    // Deaths beside it are counted as ever.
    expect(decisions(policy, [failure(), failure(), failure()])).toEqual([100, 100, 'fail']);
    policy.onCheckpointCompleted();
    expect(decisions(policy, [failure('machine', 30_000)])).toEqual([100]);
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

  test.each([
    ['backoff-multiplier', '0.9', 'is not a number of at least 1'],
    ['jitter-factor', '2', 'is not a number from 0 to 1'],
  ])('is refused with %s %s, by its key', (key, text, problem) => {
    const full = `restart-strategy.exponential-delay.${key}`;
    const message = `${full}: "${text}" ${problem}`;
    expect(() => policyOf({ ...settings, [full]: text })).toThrow(new BadConfiguration(message));
  });

  test('grows from the first to the greatest', () => {
    expect(decisions(policyOf(settings), at(0, 1_001, 3_002, 7_003, 12_004))).toEqual([
      1_000, 2_000, 4_000, 5_000, 5_000,
    ]);
  });

  test('what fails before the restart waits for the same one, and counts as nothing new', () => {
    expect(decisions(policyOf(settings), at(0, 0, 400, 1_000, 1_001, 1_002))).toEqual([
      1_000, 1_000, 600, 0, 2_000, 1_999,
    ]);
  });

  test('begins anew after so long a time without failure, counted from the restart', () => {
    const hour = 3_600_000;
    expect(decisions(policyOf(settings), at(0, 1_001, 3_001 + hour - 1))).toEqual([
      1_000, 2_000, 4_000,
    ]);
    expect(decisions(policyOf(settings), at(0, 1_001, 3_001 + hour))).toEqual([
      1_000, 2_000, 1_000,
    ]);
  });

  test('ends after the attempts that are allowed before it begins anew', () => {
    const key = 'restart-strategy.exponential-delay.attempts-before-reset-backoff';
    expect(decisions(policyOf({ ...settings, [key]: '2' }), at(0, 1_001, 3_002))).toEqual([
      1_000,
      2_000,
      'fail',
    ]);
  });

  test('jitter stays within its share and the bounds', () => {
    const jittered = { ...settings, 'restart-strategy.exponential-delay.jitter-factor': '0.1' };
    const lowest = policyOf(jittered, { u32: () => 0 });
    const highest = policyOf(jittered, { u32: () => 2 ** 32 - 1 });
    expect(decisions(lowest, at(0, 2_000, 9_000))).toEqual([1_000, 1_800, 3_600]);
    expect(decisions(highest, at(0, 2_000, 9_000, 20_000))).toEqual([1_100, 2_200, 4_400, 5_000]);
  });
});

describe('for any times of failure the decisions are those of the formula', () => {
  /** Not decreasing, as a clock has them. */
  const times = fc
    .array(fc.oneof(fc.nat(50), fc.nat(5_000), fc.nat(200_000)), { maxLength: 40 })
    .map((gaps) => gaps.map((_, i) => gaps.slice(0, i + 1).reduce((sum, gap) => sum + gap, 0)));
  const failuresAt = (list: readonly number[]): FailureFacts[] => at(...list);
  const count = fc.integer({ min: 1, max: 6 });
  const ms = fc.integer({ min: 1, max: 60_000 });

  test('fixed delay', () => {
    fc.assert(
      fc.property(times, count, ms, (list, attempts, delay) => {
        const policy = policyOf({
          'restart-strategy.type': 'fixed-delay',
          'restart-strategy.fixed-delay.attempts': `${attempts}`,
          'restart-strategy.fixed-delay.delay': `${delay} ms`,
        });
        const wanted = list.map((_, i) => (i < attempts ? delay : 'fail'));
        expect(decisions(policy, failuresAt(list))).toEqual(wanted);
      }),
    );
  });

  test('failure rate: the failure that is so many before this one was longer ago than the interval', () => {
    fc.assert(
      fc.property(times, count, ms, (list, max, interval) => {
        const policy = policyOf({
          'restart-strategy.type': 'failure-rate',
          'restart-strategy.failure-rate.max-failures-per-interval': `${max}`,
          'restart-strategy.failure-rate.failure-rate-interval': `${interval} ms`,
          'restart-strategy.failure-rate.delay': '7 ms',
        });
        const wanted = list.map((now, i) =>
          now - (list[i - max] ?? Number.NEGATIVE_INFINITY) > interval ? 7 : 'fail',
        );
        expect(decisions(policy, failuresAt(list))).toEqual(wanted);
      }),
    );
  });

  test('exponential delay: initial × multiplier ^ attempts since the last quiet time, at most the greatest', () => {
    const growth = fc.integer({ min: 11, max: 40 }).map((tenths) => tenths / 10);
    fc.assert(
      fc.property(times, count, ms, growth, ms, (list, max, initial, multiplier, quiet) => {
        const greatest = initial * 10;
        const policy = policyOf({
          'restart-strategy.type': 'exponential-delay',
          'restart-strategy.exponential-delay.initial-backoff': `${initial} ms`,
          'restart-strategy.exponential-delay.max-backoff': `${greatest} ms`,
          'restart-strategy.exponential-delay.backoff-multiplier': `${multiplier}`,
          'restart-strategy.exponential-delay.reset-backoff-threshold': `${quiet} ms`,
          'restart-strategy.exponential-delay.jitter-factor': '0',
          'restart-strategy.exponential-delay.attempts-before-reset-backoff': `${max}`,
        });
        let [attempt, restart] = [0, Number.NEGATIVE_INFINITY];
        const wanted = list.map((now) => {
          if (now > restart) {
            attempt = now >= restart + quiet ? 0 : attempt;
            restart = now + Math.min(Math.floor(initial * multiplier ** attempt), greatest);
            attempt++;
          }
          return attempt > max ? 'fail' : restart - now;
        });
        expect(decisions(policy, failuresAt(list))).toEqual(wanted);
      }),
    );
  });

  test('jitter is never more than its share, and never less than the first wait', () => {
    const factor = fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10);
    fc.assert(
      fc.property(fc.nat(2 ** 31), factor, count, (seed, jitter, failures) => {
        const policy = policyOf(
          {
            'restart-strategy.type': 'exponential-delay',
            'restart-strategy.exponential-delay.initial-backoff': '100 ms',
            'restart-strategy.exponential-delay.max-backoff': '1 h',
            'restart-strategy.exponential-delay.backoff-multiplier': '2',
            'restart-strategy.exponential-delay.jitter-factor': `${jitter}`,
          },
          new SeededRandom(seed),
        );
        const waits = decisions(policy, at(...Array.from({ length: failures }, (_, i) => i * 1e5)));
        for (const [i, wait] of waits.entries()) {
          const exact = 100 * 2 ** i;
          // Whole milliseconds: a product such as 400 * (1 - 0.7) is a little above 120.
          expect(wait).toBeGreaterThanOrEqual(Math.max(100, Math.floor(exact * (1 - jitter))));
          expect(wait).toBeLessThanOrEqual(exact * (1 + jitter));
        }
      }),
    );
  });
});
