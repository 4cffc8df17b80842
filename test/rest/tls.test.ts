// The door with TLS, and where it may stand without.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, describe, expect, test } from 'vitest';
import { Configuration } from '../../engine/core/configuration.ts';
import { checkListening } from '../../engine/rest/listening.ts';
import { RestClient } from '../../engine/rest/rest-client.ts';
import { ownTls, restTls } from '../../engine/rest/rest-tls.ts';
import { ok, type Route } from '../../engine/rest/router.ts';
import { startEndpoint, type TestEndpoint } from './endpoint.ts';

const directory = mkdtempSync(join(tmpdir(), 'sluice-tls-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const file = (name: string): string => join(directory, name);

/** A certificate for this machine, signed by itself, with its key. */
function makeCertificate(name: string): void {
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`), '-days', '2'],
      ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'],
    ],
    { stdio: 'ignore' },
  );
  const both = [file(`${name}.crt`), file(`${name}.key`)].map((path) => readFileSync(path, 'utf8'));
  writeFileSync(file(`${name}.pem`), both.join('\n'));
  execFileSync('openssl', [
    ...['pkcs12', '-export', '-in', file(`${name}.crt`), '-inkey', file(`${name}.key`)],
    ...['-out', file(`${name}.p12`), '-passout', 'pass:store-word'],
  ]);
}
makeCertificate('door');
makeCertificate('friend');
makeCertificate('stranger');

const overview: Route = {
  method: 'GET',
  path: '/overview',
  handle: () =>
    ok({
      taskmanagers: 1,
      'slots-total': 1,
      'slots-available': 1,
      'flink-version': '2.2.0',
      'flink-commit': 'x',
    }),
};

const ENABLED = { 'security.ssl.rest.enabled': 'true' };
const PEM = { ...ENABLED, 'security.ssl.rest.keystore': file('door.pem') };
const PKCS12 = {
  ...ENABLED,
  'security.ssl.rest.keystore': file('door.p12'),
  'security.ssl.rest.keystore-password': 'store-word',
};
const MUTUAL = {
  ...PEM,
  'security.ssl.rest.authentication-enabled': 'true',
  'security.ssl.rest.truststore': file('friend.crt'),
};

const doorWith = (configuration: Readonly<Record<string, string>>): Promise<TestEndpoint> =>
  startEndpoint([overview], { tls: restTls(new Configuration(configuration)) });

const clientOf = ({ port }: TestEndpoint, ca?: string): RestClient =>
  new RestClient({
    url: `https://127.0.0.1:${port}`,
    token: undefined,
    ...(ca === undefined ? {} : { ca: readFileSync(file(ca), 'utf8') }),
  });

/** Status, or the error's code. */
function askAs(port: number, more: object): Promise<unknown> {
  const ca = readFileSync(file('door.crt'));
  return new Promise((resolve) => {
    request({ host: '127.0.0.1', port, path: '/overview', ca, ...more }, (incoming) => {
      resolve(incoming.resume().statusCode);
    })
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
      .end();
  });
}

describe('TLS', () => {
  test.each([
    ['PEM', PEM],
    ['PKCS12', PKCS12],
  ])('with a keystore of %s lets in who trusts its certificate', async (_, configuration) => {
    const door = await doorWith(configuration);
    expect(await clientOf(door, 'door.crt').overview()).toMatchObject({ taskmanagers: 1 });
    await expect(clientOf(door).overview()).rejects.toThrow(/self-signed certificate/);
    await expect(clientOf(door, 'stranger.crt').overview()).rejects.toThrow(/certificate/);
  });

  test.each([
    ['PEM', PEM],
    ['PKCS12', PKCS12],
  ])('of a keystore of %s is known to who has it, whatever its name is', async (_, keys) => {
    const door = await doorWith(keys);
    const clientWith = (said: Readonly<Record<string, string>>): RestClient => {
      const own = ownTls(new Configuration(said));
      const url = `https://localhost:${door.port}`;
      return new RestClient({ url, token: undefined, ...(own === undefined ? {} : { own }) });
    };
    expect(await clientWith(keys).overview()).toMatchObject({ taskmanagers: 1 });
    const other = { ...ENABLED, 'security.ssl.rest.keystore': file('stranger.pem') };
    await expect(clientWith(other).overview()).rejects.toThrow(/certificate/);
  });

  test('with authentication lets itself in when it trusts its own certificate', async () => {
    const configuration = { ...MUTUAL, 'security.ssl.rest.truststore': file('door.crt') };
    const door = await doorWith(configuration);
    const url = `https://127.0.0.1:${door.port}`;
    const { certificate, identity = {} } =
      ownTls(new Configuration(configuration)) ?? expect.unreachable();
    const client = (own: object): RestClient =>
      new RestClient({ url, token: undefined, own: { certificate, ...own } });
    expect(await client({ identity }).overview()).toMatchObject({ taskmanagers: 1 });
    await expect(client({}).overview()).rejects.toThrow(/no cluster answers/);
  });

  test('is the only way in: who speaks http gets no answer', async () => {
    const door = await doorWith(PEM);
    expect(await door.raw('GET /overview HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')).not.toContain(
      'HTTP/',
    );
  });

  test('before 1.2 does not come about', async () => {
    const { port } = await doorWith(PEM);
    const old = { host: '127.0.0.1', port, rejectUnauthorized: false, ciphers: 'ALL:@SECLEVEL=0' };
    const outcome = await new Promise((resolve) => {
      const socket: TLSSocket = connect(
        { ...old, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' },
        () => resolve(socket.getProtocol()),
      );
      socket.on('error', () => resolve('refused'));
    });
    expect(outcome).toBe('refused');
  });

  test('has an origin of its own', async () => {
    const { port } = await doorWith(PEM);
    const from = (origin: string): object => ({ headers: { origin } });
    expect(await askAs(port, from(`https://127.0.0.1:${port}`))).toBe(200);
    expect(await askAs(port, from(`http://127.0.0.1:${port}`))).toBe(403);
  });

  test('with authentication lets in only who has a certificate that it trusts', async () => {
    const { port } = await doorWith(MUTUAL);
    const as = (name: string): object => ({
      cert: readFileSync(file(`${name}.crt`)),
      key: readFileSync(file(`${name}.key`)),
    });
    expect(await askAs(port, as('friend'))).toBe(200);
    expect(await askAs(port, as('stranger'))).not.toBe(200);
    expect(await askAs(port, {})).not.toBe(200);
  });

  test.each([
    [ENABLED, /security\.ssl\.rest\.keystore names no file/],
    [{ ...ENABLED, 'security.ssl.rest.keystore': '/nowhere' }, /cannot read \/nowhere/],
    [{ ...MUTUAL, 'security.ssl.rest.truststore': file('door.p12') }, /is no PEM/],
  ])('%j is refused by name', (configuration, why) => {
    expect(() => restTls(new Configuration(configuration))).toThrow(why);
  });

  test('whose keystore does not open is refused by name', () => {
    const wrong = new Configuration({ ...PKCS12, 'security.ssl.rest.keystore-password': 'wrong' });
    expect(() => ownTls(wrong)).toThrow(/security\.ssl\.rest\.keystore \S+door\.p12: /);
  });

  test('says how a keystore of Java’s own kind becomes one that it reads', () => {
    writeFileSync(file('old.jks'), Buffer.from('feedfeed00000002', 'hex'));
    const configuration = { ...ENABLED, 'security.ssl.rest.keystore': file('old.jks') };
    expect(() => restTls(new Configuration(configuration))).toThrow(/keytool -importkeystore/);
  });
});

describe('the door stands', () => {
  const check = (said: Readonly<Record<string, string>>): unknown => {
    try {
      return checkListening(new Configuration(said), new Configuration(said))?.risk ?? 'safe';
    } catch (error) {
      return (error as Error).message.includes('would listen on') ? 'refused' : error;
    }
  };
  const TOKEN = { 'rest.auth': 'token' };
  const NONE = { 'rest.auth': 'none' };
  const ELSEWHERE = [
    { 'rest.address': '0.0.0.0' },
    { 'rest.address': '192.0.2.7' },
    { 'rest.address': '::' },
    { 'rest.address': 'host.example' },
    { 'rest.bind-address': '0.0.0.0' },
    { 'rest.address': '127.0.0.1', 'rest.bind-address': '0.0.0.0' },
    { 'rest.address': '127.0.0.1.nip.io' },
  ];

  test('on loopback, with the risk told when it is open', () => {
    expect(check({})).toMatch(/rest.auth is none: whoever can reach this port on this machine/);
    expect(check(TOKEN)).toBe('safe');
  });

  test.each(ELSEWHERE)('at %j only with token and TLS, or when openness is asked for', (where) => {
    expect(check(where)).toBe('refused');
    expect(check({ ...where, ...TOKEN })).toBe('refused');
    expect(check({ ...where, ...PEM })).toBe('refused');
    expect(check({ ...where, ...TOKEN, ...PEM })).toBe('safe');
    expect(check({ ...where, ...NONE })).toMatch(
      /rest.auth is none: whoever can reach .* run code/,
    );
  });
});
