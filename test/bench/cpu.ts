// CPU of this process per piece of work: the least of some rounds, taken in turns, so that all see the same of what
// else the machine does.

export interface Work {
  readonly name: string;
  /** Does it once; returns how many records that were. */
  run(): number;
}

/** ns of CPU per record, by name. */
export function cpuPerRecord(
  works: readonly Work[],
  rounds: number,
  roundMs: number,
): ReadonlyMap<string, number> {
  const best = new Map<string, number>();
  for (let round = 0; round < rounds; round++)
    for (const { name, run } of works)
      best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, measure(run, roundMs)));
  return best;
}

function measure(run: () => number, roundMs: number): number {
  const before = process.cpuUsage();
  for (let records = 0; ; ) {
    records += run();
    const { user, system } = process.cpuUsage(before);
    const us = user + system;
    if (us >= roundMs * 1_000) return (us * 1_000) / records;
  }
}
