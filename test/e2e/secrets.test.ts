// A22: secrets. Canaries stand where secrets stand: in the configuration, as the token, as passwords of the
// keystore and in headers of a context. A cluster runs a job that fails, is asked for everything, by clients
// that come in and by such that do not, and ends. Then nothing that it or a verb has said or written, but for
// the user's own 0600 files, holds one of them.
//
// Fails with its protection off, which was tried: without the mask of handlers/job-manager.ts.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Ended, Place } from './harness/tool.ts';

const CANARY = 'c4n4ry';
const FAILING = `import { env } from 'sluice';
// %% Failing
env.generate((n) => n, { ratePerSecond: 100 }).map((n) => { if (n > 20) throw new Error('planted'); return n; }).print();
// %% Going on
env.generate((n) => n, { ratePerSecond: 10 }).print();
`;

/** A certificate for this machine with its key, which opens with a canary. */
function makeKeystore(place: Place): { readonly keystore: string; readonly ca: string } {
  const [key, ca, keystore] = ['key', 'ca', 'store.p12'].map((name) =>
    join(place.folder, name),
  ) as [string, string, string];
  const run = (...args: readonly string[]): unknown =>
    execFileSync('openssl', args, { stdio: 'ignore' });
  run(
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-keyout', key, '-out', ca, '-days', '2', '-subj', '/CN=x'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1'],
  );
  run(
    'pkcs12',
    '-export',
    '-in',
    ca,
    '-inkey',
    key,
    '-out',
    keystore,
    '-passout',
    `pass:${CANARY}-p12`,
  );
  return { keystore, ca };
}

function filesBelow(path: string): readonly string[] {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return [];
  if (status.isFile()) return [path];
  return status.isDirectory()
    ? readdirSync(path).flatMap((name) => filesBelow(join(path, name)))
    : [];
}

test('no secret is in what a cluster and its verbs say and write', async () => {
  const place = new Place();
  place.write('n.ts', FAILING);
  const { keystore, ca } = makeKeystore(place);
  const kept = join(place.folder, 'kept');
  // As users do who know that others see their command line.
  const cluster = place.start(
    ...['cluster', '--rest-port', '0', '--slots', '4', '--dir', kept],
    ...['-Drest.auth=token', '-Drest.bind-address=0.0.0.0', '-Dsecurity.ssl.rest.enabled=true'],
    ...[
      `-Dsecurity.ssl.rest.keystore=${keystore}`,
      `-Dsecurity.ssl.rest.keystore-password=${CANARY}-p12`,
    ],
    ...[`-Ds3.secret-key=${CANARY}-s3`, `-Dnested.api-key=${CANARY}-api`],
  );
  const [, url = ''] = await cluster.until(/^sluice cluster ready: (https:\S+)$/m);
  const registry =
    filesBelow(place.runtime).find((path) => /cluster-\d+-\d+\.json$/.test(path)) ?? '';
  expect(statSync(registry).mode & 0o777).toBe(0o600);
  const { token } = JSON.parse(readFileSync(registry, 'utf8')) as { readonly token: string };
  const [, port = ''] = /:(\d+)$/.exec(url) ?? [];

  const said: Ended[] = [];
  const sluice = async (...args: readonly string[]): Promise<Ended> => {
    const ended = await place.run(...args);
    said.push(ended);
    return ended;
  };
  await sluice('context', 'add', 'own', url, '--ca', ca, '--header', `X-Key: ${CANARY}-header`);
  await sluice('context', 'use', 'own');
  await sluice('context', 'show', '--json');
  expect(await sluice('run', 'n.ts', '--context', 'own', '--cell', 'Failing')).toMatchObject({
    code: 1,
  });
  expect(await sluice('run', 'n.ts', '--context', 'own', '--cell', 'Going on', '-d')).toMatchObject(
    { code: 0 },
  );
  expect(await sluice('list')).toMatchObject({ code: 0 });
  // Those who do not come in: no trust, a wrong token, no TLS.
  expect(await sluice('list', '-m', `https://localhost:${port}`)).toMatchObject({ code: 3 });
  const wrong = place.write('wrong', `${CANARY}-wrong`);
  expect(await sluice('list', '--token-file', wrong)).toMatchObject({ code: 1 });
  expect(await sluice('list', '-m', `127.0.0.1:${port}`)).toMatchObject({ code: 3 });

  const answers = await everything(url, ca, token);
  expect(answers.length).toBeGreaterThan(20);
  expect(answers.some((text) => text.includes('******'))).toBe(true);
  const processes = place.taskManagers().map((pid) => argumentsOf(pid));
  expect(processes.length).toBeGreaterThan(0);
  cluster.kill('SIGINT');
  const ended = await cluster.ended();

  const own = new Set([
    registry,
    keystore,
    wrong,
    join(place.folder, '.config/sluice/contexts.json'),
  ]);
  const files = filesBelow(place.folder).filter((path) => !own.has(path));
  expect(files.some((path) => path.endsWith('.log'))).toBe(true);
  const artefacts = [
    ...[...said, ended].map(({ out, err }) => out + err),
    ...answers,
    ...processes,
    ...files.map((path) => readFileSync(path, 'latin1')),
  ];
  for (const secret of [token, CANARY])
    expect(artefacts.filter((text) => text.includes(secret)).map(around(secret))).toEqual([]);
}, 60_000);

const around =
  (secret: string) =>
  (text: string): string =>
    text.slice(Math.max(0, text.indexOf(secret) - 200), text.indexOf(secret) + 40);

const argumentsOf = (pid: number): string =>
  execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });

/** What each GET of the table answers, as far as it can be asked for. */
async function everything(url: string, ca: string, token: string): Promise<readonly string[]> {
  const ask = (path: string): string =>
    execFileSync(
      'curl',
      ['-s', '--max-time', '3', '--cacert', ca, '-H', `Authorization: Bearer ${token}`, url + path],
      { encoding: 'utf8' },
    );
  const { jobs } = JSON.parse(ask('/jobs')) as {
    readonly jobs: readonly { readonly id: string }[];
  };
  const { taskmanagers } = JSON.parse(ask('/taskmanagers')) as {
    readonly taskmanagers: readonly { readonly id: string }[];
  };
  const { paths } = JSON.parse(ask('/sluice/v1/openapi.json')) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  const readable = Object.entries(paths).filter(
    ([path, methods]) => 'get' in methods && !/events|cancel/.test(path),
  );
  return readable.flatMap(([path]) =>
    jobs.map(({ id }) =>
      ask(
        path
          .replace('{jobid}', id)
          .replace('{taskmanagerid}', taskmanagers[0]?.id ?? '')
          .replace(/\{filename\}/, `${taskmanagers[0]?.id}.log`)
          .replaceAll(/\{\w+\}/g, '0'),
      ),
    ),
  );
}
