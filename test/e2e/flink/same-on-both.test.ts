// What works on a job works on a real Flink and on a sluice: verbs and screen, with the same expectations. One
// Flink is started for all of it, and for each older version where everything is tested.

import { afterAll, expect, test } from 'vitest';
import { type ClusterKind, ENDLESS, realFlink, sluiceCluster } from '../harness/flink/clusters.ts';
import { FLINK_VERSIONS } from '../harness/flink/distribution.ts';
import { describeWith, flink, jdk } from '../harness/flink/needs.ts';
import { attachStory } from './attach-story.ts';
import { verbsStory } from './verbs-story.ts';

const LONG_MS = 240_000;

for (const version of FLINK_VERSIONS) {
  describeWith([flink(version), jdk])(`Flink ${version}`, () => {
    const kind = realFlink(version);
    afterAll(() => kind.close());
    verbsStory(kind);
    attachStory(kind, {
      vertex: 'Latest',
      log: /INFO .*CheckpointCoordinator/,
      rows: /no rows here[\s\S]*tells figures, not records/,
    });
    refusesNotebooks(kind);
  });
}

describeWith([])('sluice', () => {
  verbsStory(sluiceCluster);
  attachStory(sluiceCluster, {
    vertex: 'Keyed Reduce',
    log: /INFO .*job/,
    rows: /no rows here[\s\S]*who has submitted/,
  });
});

function refusesNotebooks(kind: ClusterKind): void {
  test(
    'a notebook is refused with what follows',
    async () => {
      const { place, address } = await kind.open();
      const notebook = place.write('endless.ts', ENDLESS);
      for (const verb of ['run', 'info']) {
        const { code, err } = await place.run(verb, notebook, '-m', address);
        expect({ verb, code }).toEqual({ verb, code: 2 });
        expect(err).toMatch(/runner/);
      }
    },
    LONG_MS,
  );
}
