// Clusters behind TLS, and those of the same user on the same machine: they come in without being told whom to
// trust. The certificate is signed by somebody whom nobody trusts, and has another name than the address.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Place } from './harness/tool.ts';

const NOTEBOOK = `import { env } from 'sluice';
// %% Sum
env.fromSequence(1, 10).keyBy(() => 0).reduce((a, b) => a + b).print();
`;

/** A PEM of certificate and key, signed by an authority of its own. */
function keystoreIn(place: Place): string {
  const file = (name: string): string => join(place.folder, name);
  const make = (name: string, ...more: readonly string[]): string =>
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
        ...['-keyout', file(`${name}.key`), '-days', '2', '-subj', `/CN=${name}`, ...more],
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    );
  place.write('authority.crt', make('authority'));
  const signer = ['-CA', file('authority.crt'), '-CAkey', file('authority.key')];
  const certificate = make('host.example', ...signer);
  return place.write('store.pem', certificate + readFileSync(file('host.example.key'), 'utf8'));
}

const tls = (keystore: string): readonly string[] => [
  '-Dsecurity.ssl.rest.enabled=true',
  `-Dsecurity.ssl.rest.keystore=${keystore}`,
];

test('an embedded cluster behind TLS reaches itself', async () => {
  const place = new Place();
  const settings = tls(keystoreIn(place));
  place.write('n.ts', NOTEBOOK);
  const { code, out } = await place.run('run', 'n.ts', ...settings);
  expect([code, out]).toEqual([0, expect.stringContaining('55')]);
  const mutual = ['-Dsecurity.ssl.rest.authentication-enabled=true'];
  const truststore = `-Dsecurity.ssl.rest.truststore=${join(place.folder, 'authority.crt')}`;
  const again = await place.run('run', 'n.ts', ...settings, ...mutual, truststore);
  expect([again.code, again.out]).toEqual([0, expect.stringContaining('55')]);
}, 60_000);

test('verbs of the same user find the certificate of a cluster, others do not trust it', async () => {
  const place = new Place();
  const settings = tls(keystoreIn(place));
  place.write('n.ts', NOTEBOOK);
  const cluster = place.start('cluster', '--rest-port', '0', '--slots', '2', ...settings);
  const [, port = ''] = await cluster.until(/^sluice cluster ready: https:\S+:(\d+)$/m);
  expect(await place.run('list')).toMatchObject({ code: 0 });
  const ran = await place.run('run', 'n.ts', '-m', `https://127.0.0.1:${port}`);
  expect([ran.code, ran.out]).toEqual([0, expect.stringContaining('55')]);
  const stranger = await place.run('list', '-m', `https://localhost:${port}`);
  expect([stranger.code, stranger.err]).toEqual([3, expect.stringContaining('certificate')]);
}, 60_000);
