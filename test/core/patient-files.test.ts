// What a disk refuses for a moment is read and removed all the same; what is not there is told at once.

import { expect, test } from 'vitest';
import { patientFiles } from '../../engine/core/patient-files.ts';
import { fileError, MemoryFiles } from '../harness/memory-files.ts';
import { SimulatedClock } from '../harness/simulated-clock.ts';

interface Patient {
  readonly clock: SimulatedClock;
  readonly files: ReturnType<typeof patientFiles>;
  readonly disk: MemoryFiles;
  readonly told: string[];
}

/** Its disk refuses the first `times` operations with that code. */
function patientOver(code: string, times: number): Patient {
  const [clock, disk] = [new SimulatedClock(), new MemoryFiles()];
  let left = times;
  disk.before = (_operation, path) => {
    if (left-- > 0) throw fileError(code, path);
  };
  const told: string[] = [];
  const files = patientFiles(disk, clock, (text) => told.push(text));
  return { clock, files, disk, told };
}

test('what the machine refuses is asked for again, and told of once', async () => {
  const { clock, files, told } = patientOver('EIO', 3);
  expect(await clock.result(files.list('/a'))).toEqual([]);
  expect(clock.elapsedMs).toBe(3 * 200);
  expect(told).toEqual(['EIO: /a; it is tried again: look after its disk']);
});

test.each(['readFile', 'list', 'remove'] as const)(
  '%s ends with what a disk says that fails for good',
  async (name) => {
    const { clock, files } = patientOver('EIO', Number.POSITIVE_INFINITY);
    await expect(clock.result<unknown>(files[name]('/a'))).rejects.toThrow('EIO: /a');
    expect(clock.elapsedMs).toBeGreaterThan(4_000);
    expect(clock.elapsedMs).toBeLessThan(6_000);
  },
);

test.each(['ENOENT', 'EACCES'])('%s is told at once', async (code) => {
  const { clock, files, told } = patientOver(code, 1);
  await expect(clock.result(files.readFile('/a'))).rejects.toThrow(`${code}: /a`);
  expect([clock.elapsedMs, told]).toEqual([0, []]);
});

test('a write is refused once and for all', async () => {
  const { clock, files } = patientOver('ENOSPC', 1);
  await expect(clock.result(files.writeFile('/a', Uint8Array.of(1)))).rejects.toThrow('ENOSPC');
});
