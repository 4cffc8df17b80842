import { describe, expect, test } from 'vitest';
import { Place } from '../e2e/harness/tool.ts';

describe('sluice', () => {
  test.each([['--help'], ['help']])('%s lists every verb and the exit codes', async (word) => {
    const { code, out } = await new Place().run(word);
    expect(code).toBe(0);
    const jobs = ['list', 'cancel', 'checkpoint', 'savepoint', 'stop'];
    for (const verb of ['run', 'check', 'demo', 'init', 'cluster', ...jobs])
      expect(out).toMatch(new RegExp(`^  sluice ${verb}\\b`, 'm'));
    expect(out).toContain('Exit codes: 0 success');
  });

  test('lists the flags of a verb', async () => {
    const { code, out } = await new Place().run('run', '--help');
    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}-p, --parallelism N {2,}/m);
    expect(out).toMatch(/^ {2} {4}--check {2,}/m);
  });

  test('takes a word that is neither verb nor file for a slip', async () => {
    const { code, err } = await new Place().run('rnu');
    expect({ code, err }).toEqual({
      code: 2,
      err: 'error there is no verb and no file "rnu"; did you mean run?\n',
    });
  });

  test('asked for a job by anything but an id, says what one looks like', async () => {
    const { code, err } = await new Place().run('cancel', 'Forever');
    expect({ code, err }).toEqual({
      code: 2,
      err: 'error "Forever" is no job id: 32 hex digits, as sluice list shows them\n',
    });
  });
});
