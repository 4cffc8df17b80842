// `sluice attach`: the screen on a cluster that goes on without it.

import { expect, onTestFinished, test } from 'vitest';
import { session } from './harness/session.ts';
import { Place, sluice } from './harness/tool.ts';

const FOREVER = `import { env } from 'sluice';
// %% Forever
env.generate((i) => i, { ratePerSecond: 100 }).keyBy((i) => i % 3).reduce((a, b) => a + b).print();
`;

test('its jobs are listed, entered and cancelled, and it goes on when the screen is left', async () => {
  const place = new Place();
  place.write('forever.ts', FOREVER);
  const cluster = place.start('cluster', '--rest-port', '0', '--slots', '2', '--quiet');
  const [, address = ''] = await cluster.until(/ready: http:\/\/(127\.0\.0\.1:\d+)$/m);
  await place.run('run', 'forever.ts', '-m', address, '--detached');

  const at = session([...sluice, 'attach', address], {
    cols: 120,
    rows: 34,
    cwd: place.folder,
    env: { ...place.environment, NO_COLOR: undefined },
  });
  onTestFinished(() => at.close());
  await at.waitFor(/1 jobs[\s\S]*● Forever +running/);
  at.key('enter');
  await at.waitFor(/● generator[\s\S]*hash \d+\/s/);
  at.key('x');
  await at.waitFor(/type Forever for yes/);
  at.type('Forever');
  at.key('enter');
  await at.waitFor(/Forever canceled/);
  at.key('q');
  expect(await at.exited).toMatchObject({ code: 0 });
  expect((await place.run('list', '--all')).out).toContain('Forever (CANCELED)');
});

test('without a terminal, and without an address, it says what to do', async () => {
  const place = new Place();
  expect(await place.run('attach')).toMatchObject({
    code: 2,
    err: expect.stringContaining('sluice attach localhost:8081') as string,
  });
  expect(await place.run('attach', 'localhost:8081')).toMatchObject({
    code: 2,
    err: expect.stringContaining('needs a terminal') as string,
  });
});
