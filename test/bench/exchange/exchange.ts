// What it costs to bring records from one task to another: as bytes and back, and from thread to thread.

import type { Grid } from '../report.ts';
import { codecRows } from './codecs.ts';
import { transferRows } from './transfers.ts';

const BIDS = 20_000_000;

export async function exchange(events: number | undefined): Promise<readonly Grid[]> {
  const codecs = { head: ['codec', 'bytes', 'encode ns', 'decode ns'], rows: codecRows() };
  const transfers = {
    head: ['two threads', 'M bids/s', 'M bids/CPU s', 'CPU ns/bid'],
    rows: await transferRows(events ?? BIDS),
  };
  return [codecs, transfers];
}
