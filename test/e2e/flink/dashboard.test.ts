// Flink's web dashboard on a sluice, its files taken from the distribution as they are, in a real browser.

import { expect, onTestFinished, test } from 'vitest';
import { Browser } from '../harness/browser.ts';
import { FLINK_VERSION, flinkHome } from '../harness/flink/distribution.ts';
import { browser, describeWith, flink } from '../harness/flink/needs.ts';
import { Place } from '../harness/tool.ts';

const JOBS = `import { env } from 'sluice';
// %% Endless
env.generate((i) => i, { ratePerSecond: 1000 }).keyBy((i) => i % 7).reduce((a, b) => Math.max(a, b)).print();
// %% Failing
env.generate((i) => i, { ratePerSecond: 1000 }).map((i) => { if (i === 1000) throw new Error('one thousand'); return i; }).print();
`;

describeWith([flink(), browser])("Flink's dashboard works on a sluice", () => {
  test('it shows graph, checkpoints and exceptions without an error, and cancels', async () => {
    const place = new Place();
    place.write('jobs.ts', JOBS);
    const cluster = place.start(
      ...['cluster', '--rest-port', '0', '--slots', '4', '--quiet'],
      ...['--dashboard', flinkHome(FLINK_VERSION)],
      ...['-D', 'execution.checkpointing.interval=500 ms', '-D', 'restart-strategy.type=none'],
      ...['-D', 'web.refresh-interval=500 ms'],
    );
    const [, root = ''] = await cluster.until(/ready: (http:\S+)$/m);
    await place.run('run', 'jobs.ts', '-m', root.replace('http://', ''), '--detached', '-p', '2');
    const page = await Browser.open();
    onTestFinished(() => page.close());

    await page.show(`${root}/#/overview`);
    await page.waitFor(/Running Job List[\s\S]*Endless[\s\S]*RUNNING/);
    await page.waitFor(/Completed Job List[\s\S]*Failing[\s\S]*FAILED/);
    const { jobs } = (await (await fetch(`${root}/jobs/overview`)).json()) as {
      readonly jobs: readonly { readonly name: string; readonly jid: string }[];
    };
    const idOf = (name: string) => jobs.find((job) => job.name === name)?.jid ?? '';

    await page.show(`${root}/#/job/completed/${idOf('Failing')}/exceptions`);
    await page.waitFor(/one thousand/);
    const endless = `${root}/#/job/running/${idOf('Endless')}`;
    await page.show(`${endless}/checkpoints`);
    await page.waitFor(/Completed: [1-9]/);
    for (const tab of ['timeline', 'configuration', 'dataskew']) {
      await page.show(`${endless}/${tab}`);
      await page.waitFor(/Endless/);
    }
    await page.show(`${root}/#/task-manager`);
    await page.waitFor(/taskmanager-/);
    await page.show(`${root}/#/job-manager/logs`);
    await page.waitFor(/Log/);

    await page.show(`${endless}/overview`);
    await page.waitFor(/Parallelism: 2[\s\S]*Parallelism: 2/); // a box for each vertex
    await page.click('Cancel Job');
    await page.click('Yes');
    await page.waitFor(/CANCELED/);
    expect(page.errors).toEqual([]);
  }, 90_000);

  test('what is no dashboard is not shown, and nothing beside it', async () => {
    const place = new Place();
    place.write('page/index.html', '<title>ours</title>');
    place.write('secret.txt', 'secret');
    expect(
      await place.run('cluster', '--rest-port', '0', '--dashboard', place.folder),
    ).toMatchObject({
      code: 1,
      err: expect.stringContaining(`no dashboard at ${place.folder}`) as string,
    });
    const cluster = place.start('cluster', '--rest-port', '0', '--quiet', '--dashboard', 'page');
    const [, root = ''] = await cluster.until(/ready: (http:\S+)$/m);
    expect(await (await fetch(root)).text()).toBe('<title>ours</title>');
    for (const path of [
      '/..%2fsecret.txt',
      '/%2e%2e/secret.txt',
      '/../secret.txt',
      '//secret.txt',
    ]) {
      expect((await fetch(root + path)).status).toBe(404);
    }
  });
});
