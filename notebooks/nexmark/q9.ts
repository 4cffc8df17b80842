// %% q9: winning bids
import { auctions, bids } from './events.ts';
import { winningBids } from './winning-bids.ts';

winningBids(
  auctions(),
  bids().map(({ auction, bidder, price, dateTime, extra }) => ({
    auction,
    bidder,
    price,
    dateTime,
    extra,
  })),
)
  .map(({ auction, bid }) => [
    ...[auction.id, auction.itemName, auction.description, auction.initialBid, auction.reserve],
    ...[auction.dateTime, auction.expires, auction.seller, auction.category, auction.extra],
    ...[bid.auction, bid.bidder, bid.price, bid.dateTime, bid.extra],
  ])
  .print();
