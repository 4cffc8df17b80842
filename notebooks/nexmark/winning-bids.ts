// Who wins an auction: the highest bid while it is open, of equal ones the earliest.
import { type DataStream, list, value } from 'sluice';
import type { Auction, Bid } from './generator.ts';

type Opened = Pick<Auction, 'id' | 'dateTime' | 'expires'>;
type Offer = Pick<Bid, 'auction' | 'price' | 'dateTime'>;

export interface Sale<A, B> {
  readonly auction: A;
  readonly bid: B;
}

/** Auctions that had a bid, when they are over. */
export function winningBids<A extends Opened, B extends Offer>(
  auctions: DataStream<A>,
  bids: DataStream<B>,
): DataStream<Sale<A, B>> {
  const auction = value<A>({ name: 'auction' });
  const best = value<B>({ name: 'best bid' });
  const isOver = value({ name: 'is over', default: false });
  /** For an auction that has not come yet: at the very millisecond at which it opens they count. */
  const early = list<B>({ name: 'early bids' });
  return auctions
    .keyBy(({ id }) => id)
    .connect(bids.keyBy((bid) => bid.auction))
    .process<Sale<A, B>>({
      process1(opened, ctx) {
        ctx.state(auction).update(opened);
        ctx.timers.event(opened.expires);
        const before = ctx
          .state(early)
          .get()
          .filter((bid) => counts(bid, opened));
        if (before.length > 0) ctx.state(best).update(before.reduce(better));
        ctx.state(early).clear();
      },
      process2(bid, ctx) {
        const opened = ctx.state(auction).value();
        if (opened === undefined) {
          if (!ctx.state(isOver).value()) ctx.state(early).add(bid);
          return;
        }
        if (!counts(bid, opened)) return;
        const bestSoFar = ctx.state(best).value();
        if (bestSoFar === undefined || better(bestSoFar, bid) === bid) ctx.state(best).update(bid);
      },
      onTimer(_, ctx, out) {
        const opened = ctx.state(auction).value();
        const bid = ctx.state(best).value();
        if (opened !== undefined && bid !== undefined) out.collect({ auction: opened, bid });
        ctx.state(isOver).update(true);
        ctx.state(auction).clear();
        ctx.state(best).clear();
      },
    });
}

const counts = (bid: Offer, { dateTime, expires }: Opened): boolean =>
  bid.dateTime >= dateTime && bid.dateTime <= expires;

/** Of equal ones the first. */
const better = <B extends Offer>(a: B, b: B): B =>
  b.price > a.price || (b.price === a.price && b.dateTime < a.dateTime) ? b : a;
