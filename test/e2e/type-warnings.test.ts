// A type error does not stop a run, and who watches it in a terminal sees it, however short the run is.

import { expect, onTestFinished, test } from 'vitest';
import { session } from './harness/session.ts';
import { Place, sluice } from './harness/tool.ts';

const WRONG = `import { env } from 'sluice';
const text: string = 1;
env.fromSequence(1, 2).map((n) => \`row \${n}\${text}\`).print();
`;

test('in a terminal the warning comes before the summary', async () => {
  const place = new Place();
  place.write('a.ts', WRONG);
  const at = session([...sluice, 'run', 'a.ts'], {
    cols: 120,
    rows: 30,
    cwd: place.folder,
    env: place.environment,
  });
  onTestFinished(() => at.close());
  const screen = await at.waitFor(/FINISHED/);
  expect(screen).toContain('row 21');
  expect(screen).toContain("a.ts:2:7: Type 'number' is not assignable to type 'string'");
  expect(screen.indexOf('not assignable')).toBeLessThan(screen.indexOf('FINISHED'));
  expect(await at.exited).toMatchObject({ code: 0 });
});
