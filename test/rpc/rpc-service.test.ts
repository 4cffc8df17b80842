// Calls between components: answered once or failed, whatever happens to the connection.

import { beforeEach, describe, expect, test } from 'vitest';
import { SluiceError } from '../../engine/core/errors.ts';
import { type Remote, RpcService } from '../../engine/rpc/rpc-service.ts';
import { MemoryNetwork } from '../harness/memory-network.ts';
import { SimulatedClock } from '../harness/simulated-clock.ts';

interface Adder {
  add(a: number, b: number): number;
  fail(how: 'error' | 'no' | 'string'): never;
  never(): Promise<number>;
  note(text: string): void;
  answer(): unknown;
}

const TIMEOUT_MS = 1_000;

let clock: SimulatedClock;
let network: MemoryNetwork;
let notes: string[];
let server: RpcService;
let client: RpcService;

class AdderEndpoint implements Adder {
  add(a: number, b: number): number {
    return a + b;
  }
  fail(how: 'error' | 'no' | 'string'): never {
    if (how === 'error') throw new RangeError('too far', { cause: new Error('why') });
    if (how === 'no') throw new SluiceError('fenced', 'not you');
    throw 'a string';
  }
  never(): Promise<number> {
    return new Promise(() => undefined);
  }
  note(text: string): void {
    notes.push(text);
  }
  answer(): unknown {
    return () => 'a function cannot travel';
  }
}

function service(process: string): RpcService {
  return new RpcService({
    transport: network.transport(process),
    address: `unix:/${process}`,
    clock,
    timeoutMs: TIMEOUT_MS,
  });
}

const connected = (endpoint = 'adder'): Promise<Remote<Adder>> =>
  clock.result(client.connect<Adder>('unix:/server', endpoint));

const failure = (promise: Promise<unknown>): Promise<{ reason?: string; message: string }> =>
  clock.result(
    promise.then(
      () => {
        throw new Error('was answered');
      },
      (error: unknown) => error as SluiceError,
    ),
  );

beforeEach(async () => {
  clock = new SimulatedClock();
  network = new MemoryNetwork(clock);
  notes = [];
  server = service('server');
  client = service('client');
  await clock.result(server.start());
  await clock.result(client.start());
  server.serve('adder', new AdderEndpoint());
});

describe('a call', () => {
  test('is answered', async () => {
    const { gateway } = await connected();
    expect(await clock.result(gateway.add(1, 2))).toBe(3);
  });

  test('that throws fails with name, message, cause and reason', async () => {
    const { gateway } = await connected();
    expect(await failure(gateway.fail('error'))).toMatchObject({
      name: 'RangeError',
      message: 'too far',
      cause: { message: 'why' },
    });
    expect(await failure(gateway.fail('no'))).toMatchObject({
      reason: 'fenced',
      message: 'not you',
    });
    expect((await failure(gateway.fail('string'))).message).toContain('threw "a string"');
  });

  test('of an endpoint or method that is not there fails', async () => {
    const { gateway } = await connected('nobody');
    expect(await failure(gateway.add(1, 2))).toMatchObject({ reason: 'no-endpoint' });
    const adder = (await connected()).gateway as unknown as { nothing(): Promise<void> };
    expect((await failure(adder.nothing())).message).toBe('endpoint adder has no method nothing');
  });

  test('calls on one connection are carried out in their order', async () => {
    const { gateway } = await connected();
    const texts = Array.from({ length: 20 }, (_, i) => `${i}`);
    await clock.result(Promise.all(texts.map((text) => gateway.note(text))));
    expect(notes).toEqual(texts);
  });

  test('whose arguments cannot travel fails at once, and leaves nothing behind', async () => {
    const { gateway } = await connected();
    expect((await failure(gateway.note((() => 1) as unknown as string))).message).toMatch(
      /could not be cloned/,
    );
    await clock.advance(2 * TIMEOUT_MS);
    expect(await clock.result(gateway.add(1, 2))).toBe(3);
  });

  test('whose answer cannot travel fails, and the connection goes on', async () => {
    const { gateway } = await connected();
    expect((await failure(gateway.answer())).message).toMatch(/could not be cloned/);
    expect(await clock.result(gateway.add(1, 2))).toBe(3);
  });
});

describe('a call that is not answered', () => {
  test('fails after the timeout, naming endpoint, method and address', async () => {
    const { gateway } = await connected();
    const start = clock.elapsedMs;
    expect(await failure(gateway.never())).toMatchObject({
      reason: 'timeout',
      message: 'adder.never at server: no answer in 1000 ms',
    });
    expect(clock.elapsedMs - start).toBeGreaterThanOrEqual(TIMEOUT_MS);
  });

  test('fails after the timeout when the call or its answer was lost; a late answer is ignored', async () => {
    const { gateway } = await connected();
    for (const lost of ['call', 'ok'] as const) {
      network.delivers = ({ t }) => t !== lost;
      expect(await failure(gateway.note(lost))).toMatchObject({ reason: 'timeout' });
    }
    expect(notes).toEqual(['ok']);
    network.delivers = () => true;
    expect(await clock.result(gateway.add(1, 2))).toBe(3);
  });

  test('fails at once when the connection breaks, and so does every later one', async () => {
    const remote = await connected();
    const reasons: string[] = [];
    remote.onClose((reason) => reasons.push(reason));
    const calls = Promise.all([failure(remote.gateway.never()), failure(remote.gateway.never())]);
    network.kill('server');
    const start = clock.elapsedMs;
    const disconnected = { reason: 'disconnected', message: 'server: closed by the other end' };
    expect(await clock.result(calls)).toMatchObject([disconnected, disconnected]);
    expect(await failure(remote.gateway.add(1, 2))).toMatchObject(disconnected);
    expect(clock.elapsedMs - start).toBeLessThan(TIMEOUT_MS);
    expect(reasons).toEqual(['closed by the other end']);
    const late: string[] = [];
    remote.onClose((reason) => late.push(reason));
    expect(late).toEqual(['closed by the other end']);
  });
});

test('nobody to connect to is told as unreachable', async () => {
  expect(await failure(client.connect('unix:/nobody', 'adder'))).toMatchObject({
    reason: 'unreachable',
  });
});

test('both ends of a connection may call', async () => {
  const { gateway } = await connected();
  client.serve('adder', new AdderEndpoint());
  const back = await clock.result(server.connect<Adder>('unix:/client', 'adder'));
  const both = Promise.all([gateway.add(1, 2), back.gateway.add(3, 4)]);
  expect(await clock.result(both)).toEqual([3, 7]);
});

test('an endpoint of the same process is called as if it were elsewhere: later', async () => {
  const own = await clock.result(server.connect<Adder>('unix:/server', 'adder'));
  const call = own.gateway.note('x');
  expect(notes).toEqual([]);
  await clock.result(call);
  expect(notes).toEqual(['x']);
  expect(await failure(own.gateway.fail('no'))).toMatchObject({ reason: 'fenced' });
});

test('an endpoint that is no longer served is not there, and its name is free', async () => {
  const stop = client.serve('adder', new AdderEndpoint());
  expect(() => client.serve('adder', {})).toThrow('endpoint adder is served already');
  stop();
  client.serve('adder', new AdderEndpoint());
});

test('a service that is closed breaks its connections', async () => {
  const { gateway } = await connected();
  const call = failure(gateway.never());
  await clock.result(server.close());
  expect(await clock.result(call)).toMatchObject({ reason: 'disconnected' });
  expect(await failure(client.connect('unix:/server', 'adder'))).toMatchObject({
    reason: 'unreachable',
  });
});

test('a gateway is not taken for a promise', async () => {
  const { gateway } = await connected();
  expect(await clock.result(Promise.resolve(gateway))).toBe(gateway);
});
