// %% highest bid: tumbling windows over all
import { discard, seconds, tumbling } from 'sluice';
import { timedBids } from './bids-stream.ts';

timedBids()
  .windowAll(tumbling({ size: seconds(10) }))
  .reduce((a, b) => (b.price > a.price || (b.price === a.price && b.auction < a.auction) ? b : a))
  .sinkTo(discard());
