// Bids, bidders and auctions in a group of bids: all, and by the rank of the price.
import { aggregate } from 'sluice';
import { rankOf } from './columns.ts';
import type { Bid } from './generator.ts';

interface Group {
  bids: number;
  readonly bidders: Set<number>;
  readonly auctions: Set<number>;
}

const newGroup = (): Group => ({ bids: 0, bidders: new Set(), auctions: new Set() });

type Counted = Pick<Bid, 'bidder' | 'auction' | 'price' | 'dateTime'>;

/** What of a bid is counted. */
export const counted = ({ bidder, auction, price, dateTime }: Bid): Counted => ({
  bidder,
  auction,
  price,
  dateTime,
});

function add(group: Group, { bidder, auction }: Counted): void {
  group.bids++;
  group.bidders.add(bidder);
  group.auctions.add(auction);
}

/** The time of the latest bid; and how many bids, bidders and auctions, of each all and ranks 0, 1 and 2. */
export const statistics = aggregate({
  create: () => ({
    latest: 0,
    all: newGroup(),
    ranks: [newGroup(), newGroup(), newGroup()] as const,
  }),
  add(groups, bid: Counted) {
    groups.latest = Math.max(groups.latest, bid.dateTime);
    add(groups.all, bid);
    add(groups.ranks[rankOf(bid.price)], bid);
    return groups;
  },
  result({ latest, all, ranks }) {
    const groups = [all, ...ranks];
    const numbers = [
      ...groups.map(({ bids }) => bids),
      ...groups.map(({ bidders }) => bidders.size),
      ...groups.map(({ auctions }) => auctions.size),
    ];
    return { latest, numbers };
  },
});
