// TLS for the door, under Flink's names: `security.ssl.rest.*`. The keystore is PKCS12, which keytool writes,
// or one file of PEM with certificate and key; a truststore asks clients for certificates of their own.

import { readFileSync } from 'node:fs';
import type { TlsOptions } from 'node:tls';
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
