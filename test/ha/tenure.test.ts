// Time and files of a leadership: nothing happens when it is over, and nothing when it may be, until that is known.

import { expect, test } from 'vitest';
import { FileBackend } from '../../engine/ha/file-backend.ts';
import type { Leadership } from '../../engine/ha/ha-store.ts';
import { JournaledHaStore } from '../../engine/ha/journaled-store.ts';
import { Tenure } from '../../engine/ha/tenure.ts';
import { LEASE_MS } from '../contract/ha-store-contract.ts';
import { MemoryFiles } from '../harness/memory-files.ts';
import { SimulatedClock } from '../harness/simulated-clock.ts';

/** It leads, and somebody else takes over when it is told so. */
async function leading() {
  const clock = new SimulatedClock();
  const files = new MemoryFiles(clock);
  const backend = new FileBackend(files, '/ha', 'one');
  const store = new JournaledHaStore(backend, clock, { leaseTimeoutMs: LEASE_MS });
  let leadership: Leadership | undefined;
  const candidacy = store.stand({
    address: () => ({ rpc: '', rest: '' }),
    onElected: (elected) => {
      leadership = elected;
    },
  });
  await clock.play(() => leadership !== undefined, 'it leads');
  const tenure = new Tenure(leadership as Leadership, clock, files, LEASE_MS);
  return { clock, files, backend, candidacy, tenure };
}

const never = (): Promise<never> => Promise.reject(new Error('not asked for'));

const UNUSED = {
  onOver: () => undefined,
  addJob: never,
  readJob: never,
  registerCheckpoints: never,
  requireParallelism: never,
  cancelJob: never,
  endJob: never,
  readArchive: never,
  removeJob: never,
};

test('timers and files of a leadership that is over stand still', async () => {
  const { clock, files, candidacy, tenure } = await leading();
  const happened: string[] = [];
  tenure.clock.after(500, () => happened.push('timer'));
  await clock.result(candidacy.close());
  void tenure.files.writeFile('/late', Uint8Array.of(1)).then(() => happened.push('file'));
  await clock.advance(5_000);
  expect(happened).toEqual([]);
  expect(files.paths).not.toContain('/late');
});

test.each([
  ['nothing, when somebody else leads', true, []],
  ['what was due, when nobody else does', false, ['timer']],
])('a leader that has slept does %s', async (_, isDeposed, expected) => {
  const { clock, backend, tenure } = await leading();
  const happened: string[] = [];
  const { leadership } = tenure;
  const asleep: Leadership = {
    ...UNUSED,
    epoch: leadership.epoch,
    jobs: [],
    confirmedMs: Number.NEGATIVE_INFINITY,
    get isOver() {
      return leadership.isOver;
    },
    confirm: () => leadership.confirm(),
  };
  const woken = new Tenure(asleep, clock, new MemoryFiles(clock), LEASE_MS);
  woken.clock.after(10, () => happened.push('timer'));
  if (isDeposed) await clock.result(backend.append({ number: 2, bytes: Uint8Array.of(1) }));
  await clock.advance(100);
  expect(happened).toEqual(expected);
});
