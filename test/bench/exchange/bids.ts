// Bids as they travel: numbers, a time, and two texts, some 154 bytes each as a frame holds them. The texts are
// whole, as something that was read gives them; or of pieces, as a program has put them together.

import { RecordBatch } from '../../../engine/network/record-batch.ts';

interface FatBid {
  readonly auction: number;
  readonly bidder: number;
  readonly price: number;
  readonly dateTime: number;
  readonly url: string;
  readonly extra: string;
}

const FILLER = 'abcdefghijklmnopqrstuvwxyz0123456789'.repeat(4);
const BASE_TIME = 1_600_000_000_000;

function fatBid(n: number): FatBid {
  return {
    auction: (n * 7_919) % 100_000,
    bidder: (n * 104_729) % 50_000,
    price: 1 + ((n * 15_485_863) % 1_000_000),
    dateTime: BASE_TIME + Math.floor(n / 10),
    url: `https://www.nexmark.com/${FILLER.slice(0, 20)}/item.htm?query=1&channel_id=${n % 10_000}`,
    extra: FILLER.slice(n % 40, 60 + (n % 40) + ((n * 31) % 30) - 30),
  };
}

type Texts = 'whole' | 'pieces';

/** Made beforehand: what is measured is not how they come to be. */
export const bidBatches = (
  batches: number,
  rows: number,
  texts: Texts = 'whole',
): readonly RecordBatch[] =>
  Array.from({ length: batches }, (_, b) => {
    const batch = new RecordBatch();
    for (let i = 0; i < rows; i++) {
      const made = fatBid(b * rows + i);
      const bid = texts === 'pieces' ? made : withWholeTexts(made);
      batch.add(bid, bid.dateTime);
    }
    return batch;
  });

function withWholeTexts({ auction, bidder, price, dateTime, url, extra }: FatBid): FatBid {
  return { auction, bidder, price, dateTime, url: whole(url), extra: whole(extra) };
}

const whole = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');
