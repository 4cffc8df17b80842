// Completion in the shells themselves: each evaluates what sluice prints for it, and is asked what it would
// offer. A shell that is not there is left out.

import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Place, sluice } from '../e2e/harness/tool.ts';

const has = (shell: string): boolean => {
  try {
    return execFileSync(shell, ['-c', 'echo 1'], { encoding: 'utf8' }) === '1\n';
  } catch {
    return false;
  }
};

/** What the shell offers for the line, the cursor at its end. */
type Offer = (place: Place, line: string) => Promise<readonly string[]>;

async function offered(place: Place, shell: string, script: string): Promise<readonly string[]> {
  const bin = join(place.folder, 'bin');
  const own = place.write('bin/sluice', `#!/bin/sh\nexec '${sluice.join("' '")}' "$@"\n`);
  chmodSync(own, 0o755);
  const path = `${bin}:${process.env['PATH'] ?? ''}`;
  const { out, err } = await place.command([shell, '-c', script], { PATH: path }).ended();
  expect(err).toBe('');
  return out.split('\n').filter((line) => line !== '');
}

const bash: Offer = (place, line) =>
  offered(
    place,
    'bash',
    `eval "$(sluice completion bash)"
COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'
COMP_LINE=${JSON.stringify(line)}; COMP_POINT=\${#COMP_LINE}
[[ "$(complete -p sluice)" == *'-F _sluice sluice' ]] && _sluice; printf '%s\\n' "\${COMPREPLY[@]}"`,
  );

const fish: Offer = async (place, line) =>
  (
    await offered(
      place,
      'fish',
      `function __fish_complete_path; end
sluice completion fish | source; complete -C ${JSON.stringify(line)}`,
    )
  ).map((candidate) => candidate.split('\t')[0] ?? '');

/** Its widgets need a terminal: `compadd` is asked what it was given. */
const zsh: Offer = (place, line) =>
  offered(
    place,
    'zsh',
    `compdef() { :; }; compadd() { print -l -- "\${values[@]}"; }; _files() { :; }
eval "$(sluice completion zsh)"; words=("\${(@s: :)$(print -r -- ${JSON.stringify(line)})}")
[[ ${JSON.stringify(line)} == *' ' && "\${words[-1]}" != '' ]] && words+=('')
CURRENT=\${#words}; _sluice`,
  );

const shells: readonly (readonly [string, Offer])[] = (
  [
    ['bash', bash],
    ['zsh', zsh],
    ['fish', fish],
  ] as const
).filter(([name]) => has(name));

test.each(shells)('%s completes verbs', async (_, offer) => {
  expect(await offer(new Place(), 'sluice sa')).toEqual(['savepoint']);
  expect(await offer(new Place(), 'sluice c')).toEqual([
    ...['check', 'cluster', 'cancel', 'checkpoint', 'context', 'completion'],
  ]);
});

test.each(shells)('%s completes flags, once each', async (_, offer) => {
  expect(await offer(new Place(), 'sluice stop --d')).toEqual(['--drain', '--detached']);
  expect(await offer(new Place(), 'sluice stop --drain --d')).toEqual(['--detached']);
  expect(await offer(new Place(), 'sluice stop --type c')).toEqual(['canonical']);
});

test.each(shells)('%s completes contexts where one is wanted', async (_, offer) => {
  const place = new Place();
  await place.run('context', 'add', 'prod', 'https://example.org');
  await place.run('context', 'add', 'test', 'localhost:8081');
  expect(await offer(place, 'sluice list --context ')).toEqual(['prod', 'test']);
  expect(await offer(place, 'sluice context use t')).toEqual(['test']);
});

test.each(shells)(
  '%s completes ids of jobs that run, and addresses',
  async (_, offer) => {
    const place = new Place();
    place.write(
      'forever.ts',
      "import { env } from 'sluice';\n// %% Forever\nenv.generate((n) => n, { ratePerSecond: 1 }).print();\n",
    );
    const cluster = place.start('cluster', '--rest-port', '0', '--quiet');
    const [, address = ''] = await cluster.until(/ready: http:\/\/(127\.0\.0\.1:\d+)$/m);
    const { out } = await place.run('run', 'forever.ts', '-m', address, '-d', '--json');
    const { jobid } = JSON.parse(out) as { readonly jobid: string };
    expect(await offer(place, 'sluice cancel ')).toEqual([jobid]);
    expect(await offer(place, `sluice cancel -m ${address} ${jobid.slice(0, 4)}`)).toEqual([jobid]);
    const [, port = ''] = address.split(':');
    const rest = await offer(place, `sluice list -m 127.0.0.1:${port.slice(0, 1)}`);
    // bash replaces what stands behind the colon only.
    expect(rest.map((word) => word.replace('127.0.0.1:', ''))).toEqual([port]);
  },
  30_000,
);

test.each(shells)(
  '%s is offered nothing, and no error, where there is nothing',
  async (_, offer) => {
    expect(await offer(new Place(), 'sluice cancel ')).toEqual([]);
    expect(await offer(new Place(), 'sluice nonsense ')).toEqual([]);
  },
);

test('an unknown shell is refused', async () => {
  const { code, err } = await new Place().run('completion', 'csh');
  expect([code, err]).toEqual([
    2,
    'error completion takes one of bash, zsh, fish: eval "$(sluice completion bash)"\n',
  ]);
});
