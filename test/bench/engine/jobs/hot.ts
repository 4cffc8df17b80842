// %% hot items: sliding windows, and of each the largest count
import { count, discard, seconds, sliding, tumbling } from 'sluice';
import { timedBids } from './bids-stream.ts';

timedBids()
  .keyBy(({ auction }) => auction)
  .window(sliding({ size: seconds(10), slide: seconds(2) }))
  .aggregate(count(), (auction, _, bids) => ({ auction, bids }))
  .windowAll(tumbling({ size: seconds(2) }))
  .reduce((a, b) => (b.bids > a.bids || (b.bids === a.bids && b.auction < a.auction) ? b : a))
  .sinkTo(discard());
