// %% q20: bids with their auctions, in category 10
import { list, value } from 'sluice';
import { auctions, bids } from './events.ts';
import type { Auction, Bid } from './generator.ts';

// All auctions take part in the join, so that only bids for those that have not come yet must wait. Null: one of
// another category.
const opened = value<Auction | null>({ name: 'auction' });
const waiting = list<Bid>({ name: 'bids waiting' });

auctions()
  .keyBy(({ id }) => id)
  .connect(bids().keyBy(({ auction }) => auction))
  .process<Row>({
    process1(auction, ctx, out) {
      const isWanted = auction.category === 10;
      ctx.state(opened).update(isWanted ? auction : null);
      if (isWanted) for (const bid of ctx.state(waiting).get()) out.collect(row(bid, auction));
      ctx.state(waiting).clear();
    },
    process2(bid, ctx, out) {
      const auction = ctx.state(opened).value();
      if (auction === undefined) ctx.state(waiting).add(bid);
      else if (auction !== null) out.collect(row(bid, auction));
    },
  })
  .print();

type Row = ReturnType<typeof row>;
const row = (bid: Bid, auction: Auction) => [
  ...[bid.auction, bid.bidder, bid.price, bid.channel, bid.url, bid.dateTime, bid.extra],
  ...[auction.itemName, auction.description, auction.initialBid, auction.reserve],
  ...[auction.dateTime, auction.expires, auction.seller, auction.category, auction.extra],
];
