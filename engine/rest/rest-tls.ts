// TLS for the door, under Flink's names: `security.ssl.rest.*`. The keystore is PKCS12, which keytool writes,
// or one file of PEM with certificate and key; a truststore asks clients for certificates of their own. Clients of
// the same user on this machine know the certificate without asking anybody: it is published with the address.

import { readFileSync } from 'node:fs';
import { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket, type TlsOptions } from 'node:tls';
import type { Configuration } from '../core/configuration.ts';
import { SluiceError } from '../core/errors.ts';
import { options } from '../core/options.ts';

/** Undefined: not asked for. @throws SluiceError `tls` naming the key and the file. */
export function restTls(configuration: Configuration): TlsOptions | undefined {
  if (!configuration.get(options.restTls)) return undefined;
  const keystore = configuration.get(options.restKeystore);
  if (keystore === '')
    throw new SluiceError(
      'tls',
      `${options.restTls.key} is true and ${options.restKeystore.key} names no file: PKCS12, or PEM with certificate and key`,
    );
  const storePassword = configuration.get(options.restKeystorePassword);
  const keyPassword = configuration.get(options.restKeyPassword);
  return {
    minVersion: 'TLSv1.2',
    ...identity(read(options.restKeystore.key, keystore), keyPassword || storePassword),
    ...clients(configuration),
  };
}

function identity(content: Buffer, passphrase: string): TlsOptions {
  const secret = passphrase === '' ? {} : { passphrase };
  return isPem(content) ? { cert: content, key: content, ...secret } : { pfx: content, ...secret };
}

/** With mutual authentication whoever has no certificate of ours is not let in at all. */
function clients(configuration: Configuration): TlsOptions {
  if (!configuration.get(options.restMutualTls)) return {};
  const truststore = configuration.get(options.restTruststore);
  const content = read(options.restTruststore.key, truststore);
  if (!isPem(content))
    throw new SluiceError(
      'tls',
      `${options.restTruststore.key} ${truststore} is no PEM: write the certificates that are trusted as PEM`,
    );
  return { ca: content, requestCert: true, rejectUnauthorized: true };
}

/** What who has the keystore shows and expects at the door behind it. */
export interface OwnTls {
  /** The door's, as PEM. */
  readonly certificate: string;
  /** With mutual authentication: the keystore's, as in Flink. */
  readonly identity?: Pick<TlsOptions, 'cert' | 'key' | 'pfx' | 'passphrase'>;
}

/** Undefined without TLS. @throws SluiceError `tls` as `restTls` does, or when the keystore does not open. */
export function ownTls(configuration: Configuration): OwnTls | undefined {
  const tls = restTls(configuration);
  if (tls === undefined) return undefined;
  const { cert, key, pfx, passphrase } = tls;
  const certificate = certificateOf(tls, configuration.get(options.restKeystore));
  if (!configuration.get(options.restMutualTls)) return { certificate };
  return { certificate, identity: { cert, key, pfx, passphrase } };
}

/** Node opens a keystore for a socket only, so one is asked that leads nowhere. */
function certificateOf(tls: TlsOptions, keystore: string): string {
  let socket: TLSSocket | undefined;
  try {
    const secureContext = createSecureContext(tls);
    socket = new TLSSocket(new Duplex({ read: () => undefined }), {
      isServer: true,
      secureContext,
    });
    const certificate = socket.getX509Certificate();
    if (certificate === undefined) throw new Error('there is no certificate in it');
    return certificate.toString();
  } catch (error) {
    const text = `${options.restKeystore.key} ${keystore}: ${(error as Error).message}`;
    throw new SluiceError('tls', text);
  } finally {
    socket?.destroy();
  }
}

const isPem = (content: Buffer): boolean => content.includes('-----BEGIN ');

/** A keystore of Java's own kind begins so. */
const JKS = 'feedfeed';

function read(key: string, path: string): Buffer {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (error) {
    throw new SluiceError('tls', `${key}: cannot read ${path}: ${(error as Error).message}`);
  }
  if (content.toString('hex', 0, 4) === JKS)
    throw new SluiceError(
      'tls',
      `${key} ${path} is a JKS keystore: make it PKCS12 with keytool -importkeystore -srckeystore ${path} -destkeystore ${path}.p12 -deststoretype pkcs12`,
    );
  return content;
}
