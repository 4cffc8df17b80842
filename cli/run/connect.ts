// The cluster that a command works on: one that lives with the command, or one that is up already. That one
// is named by `--jobmanager` or `--context`, else by the current context, else it is the only one of this user.

import {
  type PublishedCluster,
  publishedClusters,
} from '../../engine/entrypoint/cluster-registry.ts';
import {
  type EmbeddedCluster,
  startEmbeddedCluster,
} from '../../engine/entrypoint/embedded-cluster.ts';
import { leaderUrlIn } from '../../engine/entrypoint/high-availability.ts';
import type { StandaloneCluster } from '../../engine/entrypoint/standalone-cluster.ts';
import { RestClient, type RestClientSettings } from '../../engine/rest/rest-client.ts';
import type { ParsedArguments } from '../args.ts';
import { type Context, contextNamed, readContexts } from '../contexts.ts';
import { CommandFailure, EXIT, usageError } from '../exit-codes.ts';
import { headersFrom, headersOfEnvironment } from '../headers.ts';
import { fileOf, tokenIn } from '../token.ts';
import { clusterUrl, isAddress } from './cluster-address.ts';

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
  const { restUrl: url, token, tls } = embedded;
  const client = new RestClient({ url, token, ...(tls === undefined ? {} : { own: tls }) });
  return {
    client,
    embedded,
    async close() {
      client.close();
      await embedded.close();
    },
  };
}

export const connectTo = (
  url: string,
  token: string | undefined,
  tls: StandaloneCluster['tls'],
): Connection => remote({ url, token, ...(tls === undefined ? {} : { own: tls }) });

/** Undefined when the command line names none. @throws CommandFailure when it names what is none. */
export function connectNamed(args: ParsedArguments): Connection | undefined {
  const settings = named(args);
  return settings === undefined ? undefined : remote(settings);
}

/** To the cluster that is named, else to the current context's, else to the only one that is up. */
const connectExisting = (args: ParsedArguments): Connection =>
  connectNamed(args) ?? remote(current(args) ?? only(args));

/** Asks the cluster that `connectExisting` finds. */
export async function withCluster<T>(
  args: ParsedArguments,
  ask: (client: RestClient) => Promise<T>,
): Promise<T> {
  const connection = connectExisting(args);
  try {
    return await ask(connection.client);
  } finally {
    await connection.close();
  }
}

function named(args: ParsedArguments): RestClientSettings | undefined {
  const [address, context] = [args.value('jobmanager'), args.value('context')];
  if (address !== undefined && context !== undefined)
    throw usageError('--jobmanager and --context both name a cluster: say one of them');
  if (address !== undefined && isAddress(address)) return settingsOf(args, at(address));
  const several = address === undefined ? undefined : severalAddresses(address);
  if (several !== undefined) return several(args);
  const name = context ?? address;
  if (name === undefined) return undefined;
  // Said as an address, and neither that nor the name of a context: the address is what was meant.
  if (context === undefined && !readContexts().all.has(name)) clusterUrl(name);
  return settingsOf(args, contextNamed(name));
}

function current(args: ParsedArguments): RestClientSettings | undefined {
  const { current: name } = readContexts();
  return name === undefined ? undefined : settingsOf(args, contextNamed(name));
}

/** @throws CommandFailure when there is none, or more than one. */
function only(args: ParsedArguments): RestClientSettings {
  const clusters = publishedClusters();
  // Processes of one highly available cluster are one: whichever is asked first.
  const [first, second] = clusters.filter(
    ({ highAvailability: shared }, i) =>
      shared === undefined || clusters.findIndex((one) => one.highAvailability === shared) === i,
  );
  if (first === undefined) {
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
  return settingsOf(args, { url: first.url });
}

/** `host:port,host:port`, or the directory of a highly available cluster. */
function severalAddresses(
  text: string,
): ((args: ParsedArguments) => RestClientSettings) | undefined {
  const [first = '', ...more] = text.split(',');
  if (more.length > 0) {
    const urls = more.map((address) => clusterUrl(address));
    return (args) => ({ ...settingsOf(args, at(first)), others: () => urls });
  }
  const leader = (): readonly string[] => [leaderUrlIn(text) ?? []].flat();
  const [url] = leader();
  return url === undefined
    ? undefined
    : (args) => ({ ...settingsOf(args, { url }), others: leader });
}

/** Where the other processes of a highly available cluster are. */
const othersOf = (directory: string | undefined): Pick<RestClientSettings, 'others'> =>
  directory === undefined
    ? {}
    : {
        others: () =>
          publishedClusters()
            .filter(({ highAvailability }) => highAvailability === directory)
            .map(({ url }) => url),
      };

const at = (address: string): Context => ({ url: clusterUrl(address) });

/** What the command line says wins over the context. */
function settingsOf(args: ParsedArguments, context: Context): RestClientSettings {
  const { url } = context;
  const ca = args.value('ca') ?? context.ca;
  const clusters = publishedClusters();
  const published = clusters.find((cluster) => cluster.url === url);
  const certificate = certificatesOf(published, clusters);
  return {
    url,
    token: tokenIn(args.value('token-file') ?? context.tokenFile) ?? published?.token,
    headers: {
      ...headersOfEnvironment(),
      ...context.headers,
      ...headersFrom(args.values('header')),
    },
    isReadOnly: context.readOnly ?? false,
    ...othersOf(published?.highAvailability),
    ...(ca === undefined ? {} : { ca: fileOf('--ca', ca) }),
    ...(certificate === '' ? {} : { own: { certificate } }),
  };
}

/** Of all processes of the cluster, on this machine and by this user. */
const certificatesOf = (
  cluster: PublishedCluster | undefined,
  all: readonly PublishedCluster[],
): string =>
  all
    .filter(
      (one) =>
        one.url === cluster?.url ||
        (one.highAvailability !== undefined && one.highAvailability === cluster?.highAvailability),
    )
    .map(({ certificate }) => certificate ?? '')
    .join('');

function remote(settings: RestClientSettings): Connection {
  const client = new RestClient(settings);
  return {
    client,
    embedded: undefined,
    close() {
      client.close();
      return Promise.resolve();
    },
  };
}
