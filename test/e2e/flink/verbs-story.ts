// Every verb that works on a job, on a real Flink and on a sluice: the same lines, the same exit codes.

import { expect, test } from 'vitest';
import type { ClusterKind } from '../harness/flink/clusters.ts';

const LONG_MS = 240_000;

export function verbsStory(kind: ClusterKind): void {
  test(
    'a job is listed, checkpointed, saved, saved elsewhere and cancelled',
    async () => {
      const { place, address, folder, submit } = await kind.open();
      const id = await submit();
      const verb = (...args: readonly string[]) => place.run(...args, '-m', address);

      const { out } = await verb('list');
      expect(out).toMatch(/^-+ Running\/Restarting Jobs -+$/m);
      expect(out).toContain(`${id} : Endless (RUNNING)`);
      expect(await verb('checkpoint', id)).toMatchObject({
        code: 0,
        out: expect.stringMatching(
          new RegExp(`^Checkpoint \\d+ for job ${id} completed\\.$`, 'm'),
        ) as string,
      });

      const saved = await verb('savepoint', id, folder);
      expect(saved.code).toBe(0);
      expect(JSON.parse((await verb('list', '--json')).out)).toMatchObject({
        jobs: [{ jid: id, name: 'Endless', state: 'RUNNING', tasks: { running: 4, total: 4 } }],
      });
      const [, path = ''] = /^Savepoint completed\. Path: (.+)$/m.exec(saved.out) ?? [];
      expect(path).toContain(folder);
      expect(await verb('savepoint', '--dispose', path)).toMatchObject({
        code: 0,
        out: expect.stringContaining(`Savepoint '${path}' disposed.`) as string,
      });

      expect(await verb('cancel', id)).toMatchObject({
        code: 0,
        out: `Cancelling job ${id}.\nCancelled job ${id}.\n`,
      });
      await untilListed(() => verb('list', '--all'), `${id} : Endless (CANCELED)`);
    },
    LONG_MS,
  );

  test(
    'a job that is stopped has finished, with a savepoint',
    async () => {
      const { place, address, folder, submit } = await kind.open();
      const id = await submit();
      const verb = (...args: readonly string[]) => place.run(...args, '-m', address);
      const stopped = await verb('stop', id, '--savepointPath', folder);
      expect(stopped).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^Savepoint completed\. Path: .+$/m) as string,
      });
      expect(stopped.out).toContain(folder);
      await untilListed(() => verb('list', '--all'), `${id} : Endless (FINISHED)`);
    },
    LONG_MS,
  );

  test(
    'what a program would run is told before it runs',
    async () => {
      const { place, address, program } = await kind.open();
      const told = await place.run('info', '-m', address, program);
      expect(told).toMatchObject({ code: 0 });
      expect(told.out).toMatch(/hash/i);
      expect((await place.run('list', '-m', address)).out).not.toContain('Endless (RUNNING)');
    },
    LONG_MS,
  );

  test(
    'of a job that is not there each verb says so and exits 1',
    async () => {
      const { place, address } = await kind.open();
      const nobody = '0123456789abcdef0123456789abcdef';
      for (const verb of ['cancel', 'checkpoint', 'savepoint', 'stop']) {
        const { code, err } = await place.run(verb, nobody, '-m', address);
        expect({ verb, code }).toEqual({ verb, code: 1 });
        expect(err).toMatch(new RegExp(`^error .*(?:${nobody}|could not be found).*\n$`));
      }
    },
    LONG_MS,
  );
}

async function untilListed(
  list: () => Promise<{ readonly out: string }>,
  wanted: string,
): Promise<string> {
  for (let looks = 0; looks < 40; looks++) {
    const { out } = await list();
    if (out.includes(wanted)) return out;
  }
  throw new Error(`"${wanted}" was never listed:\n${(await list()).out}`);
}
