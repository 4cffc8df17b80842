// The cluster that a command works on: one that lives with the command, or one that is up already.

import { publishedClusters } from '../../engine/entrypoint/cluster-registry.ts';
import {
  type EmbeddedCluster,
  startEmbeddedCluster,
} from '../../engine/entrypoint/embedded-cluster.ts';
import { RestClient } from '../../engine/rest/rest-client.ts';
import type { ParsedArguments } from '../args.ts';
import { CommandFailure, EXIT, usageError } from '../exit-codes.ts';
import { tokenFrom } from '../token.ts';

export interface Connection {
  readonly client: RestClient;
  /** Undefined for a cluster that goes on without us. */
  readonly embedded: EmbeddedCluster | undefined;
  close(): Promise<void>;
}

export async function connectEmbedded(
  configuration: Readonly<Record<string, string>>,
): Promise<Connection> {
  const embedded = await startEmbeddedCluster({ configuration });
  const client = new RestClient({ url: embedded.restUrl, token: embedded.token });
  return {
    client,
    embedded,
    async close() {
      client.close();
      await embedded.close();
    },
  };
}

/** `address`: `host:port` or a URL. @throws CommandFailure when it is neither. */
export function connectTo(address: string, token: string | undefined): Connection {
  const url = urlOf(address);
  const published = publishedClusters().find((cluster) => cluster.url === url);
  return remote(url, token ?? published?.token);
}

/** The one cluster of this user that is up. @throws CommandFailure when there is none, or more than one. */
function connectToOnly(): Connection {
  const clusters = publishedClusters();
  const [only, second] = clusters;
  if (only === undefined) {
    throw new CommandFailure(
      EXIT.unreachable,
      'no cluster is up: start one with `sluice cluster`, or name it with --jobmanager host:port',
    );
  }
  if (second !== undefined) {
    const list = clusters.map(
      ({ url, kind, pid }) => `  --jobmanager ${new URL(url).host}   (${kind}, process ${pid})`,
    );
    throw usageError(`${clusters.length} clusters are up; say which:\n${list.join('\n')}`);
  }
  return remote(only.url, only.token);
}

/** Asks the cluster that `--jobmanager` names, else the only one that is up. */
export async function withCluster<T>(
  args: ParsedArguments,
  ask: (client: RestClient) => Promise<T>,
): Promise<T> {
  const address = args.value('jobmanager');
  const connection = address === undefined ? connectToOnly() : connectTo(address, tokenFrom(args));
  try {
    return await ask(connection.client);
  } finally {
    await connection.close();
  }
}

function remote(url: string, token: string | undefined): Connection {
  const client = new RestClient({ url, token });
  return {
    client,
    embedded: undefined,
    close() {
      client.close();
      return Promise.resolve();
    },
  };
}

function urlOf(address: string): string {
  const text = address.includes('://') ? address : `http://${address}`;
  try {
    const url = new URL(text);
    if (url.hostname !== '' && (address.includes('://') || url.port !== ''))
      return text.replace(/\/$/, '');
  } catch {
    // said below
  }
  throw usageError(`--jobmanager takes host:port or a URL, not ${JSON.stringify(address)}`);
}
