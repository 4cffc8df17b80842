// `sluice attach` on a real Flink and on a sluice: the same screen, the same keys.

import { expect, onTestFinished, test } from 'vitest';
import type { ClusterKind } from '../harness/flink/clusters.ts';
import { session } from '../harness/session.ts';
import { sluice } from '../harness/tool.ts';

const LONG_MS = 240_000;

/** What differs: names, and what a cluster cannot answer. */
export interface Expected {
  readonly vertex: string;
  readonly log: RegExp;
  readonly rows: RegExp;
}

export function attachStory(kind: ClusterKind, expected: Expected): void {
  test(
    'a job is seen from all sides, saved and stopped',
    async () => {
      const { place, address, submit } = await kind.open();
      const id = await submit();
      const at = session([...sluice, 'attach', address], {
        cols: 170,
        rows: 46,
        cwd: place.folder,
        env: { ...place.environment, NO_COLOR: undefined },
      });
      onTestFinished(() => at.close());
      const shows = (pattern: RegExp) => at.waitFor(pattern, 30_000);

      await shows(/● Endless +running +4\/4/);
      at.key('enter');
      await shows(new RegExp(`● ${expected.vertex} [\\s\\S]*hash +[\\d.]+k?/s`)); // the plan, at work
      await shows(/[AB] ─[\s\S]*2\/2/); // who sits in which slot
      await shows(/[1-9]\d* completed[\s\S]*✓ #\d+/);
      at.key('j');
      at.key('j');
      await shows(new RegExp(`2 of ${expected.vertex}`));
      await shows(/busy +\d+% +[▁▂▃▄▅▆▇█]{2}/); // sparklines after two looks
      await shows(/^.* 1 ● running .* \d.*$\n^.* 2 ● running /m); // its subtasks
      at.key('5');
      await shows(expected.rows);
      at.key('6');
      await shows(/no exceptions/);
      at.key('7');
      await shows(expected.log);
      at.key('p');
      await shows(/Parallelism of "Endless"|without (?:a job )?restart/);
      at.key('escape');
      await shows(/^(?![\s\S]*now 2, at most)/); // escape and what follows would be one key

      at.key('s');
      await shows(/Take a savepoint of "Endless"\?/);
      at.type('Endless');
      at.key('enter');
      await shows(/savepoint completed: /);
      at.key('S');
      await shows(/Stop "Endless" with a savepoint\?/);
      at.type('Endless');
      at.key('enter');
      await shows(new RegExp(`✓ ${expected.vertex} ─`)); // the plan, at rest
      at.key('q');
      expect(await at.exited).toMatchObject({ code: 0 });
      const { out } = await place.run('list', '--all', '-m', address);
      expect(out).toContain(`${id} : Endless (FINISHED)`);
    },
    LONG_MS,
  );
}
