// How often the screen asks: as often as it helps its own cluster's picture, and no more than another's bears.

import { expect, test } from 'vitest';
import { ClusterWatch } from '../../cli/session/cluster-watch.ts';
import type { RestClient } from '../../engine/rest/rest-client.ts';
import { FakeClock } from '../harness/fake-clock.ts';
import { turns } from '../harness/until.ts';

/** A Flink that takes its time; counts how often its jobs were asked for. */
class SlowFlink {
  readonly clock = new FakeClock();
  readonly askedAtMs: number[] = [];
  answerMs = 0;
  readonly watch: ClusterWatch;

  constructor(isEmbedded: boolean) {
    const client = {
      url: 'http://flink:8081',
      config: () =>
        Promise.resolve({
          'flink-version': '2.2.0',
          'flink-revision': isEmbedded ? 'sluice' : 'abc',
          'refresh-interval': 3_000,
        }),
      overview: () => Promise.resolve({ 'flink-version': '2.2.0' }),
      taskManagers: () => Promise.resolve([]),
      events: () => new Promise(() => undefined),
      jobs: () => {
        this.askedAtMs.push(this.clock.monotonic());
        return new Promise((resolve) => {
          const jobs = [{ jid: 'j', state: 'RUNNING', tasks: {}, 'end-time': -1 }];
          this.clock.after(this.answerMs, () => resolve(jobs));
        });
      },
    };
    this.watch = new ClusterWatch({
      client: client as unknown as RestClient,
      clock: this.clock,
      wanted: () => [],
      isEmbedded,
      onModel: () => undefined,
    });
  }

  /** How often it was asked in that time. */
  async during(ms: number): Promise<number> {
    const before = this.askedAtMs.length;
    for (let i = 0; i < ms / 25; i++) {
      this.clock.advance(25);
      await turns(4);
    }
    return this.askedAtMs.length - before;
  }
}

test('a shared cluster is asked no more often than it says', async () => {
  const flink = new SlowFlink(false);
  void flink.watch.run();
  expect(await flink.during(30_000)).toBeLessThanOrEqual(10);
  const gaps = flink.askedAtMs.slice(1).map((at, i) => at - (flink.askedAtMs[i] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(3_000);
  flink.watch.close();
});

test('one whose answers take long is left alone for longer', async () => {
  const flink = new SlowFlink(false);
  flink.answerMs = 2_000;
  void flink.watch.run();
  expect(await flink.during(60_000)).toBeLessThanOrEqual(6);
  flink.watch.close();
});

test('its own cluster is asked four times a second while a job runs', async () => {
  const own = new SlowFlink(true);
  void own.watch.run();
  await own.during(1_000);
  expect(await own.during(5_000)).toBeGreaterThanOrEqual(15);
  own.watch.close();
});
