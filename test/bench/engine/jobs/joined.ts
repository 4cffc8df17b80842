// %% windowed join: bids with auctions that opened in the same ten seconds
import { discard, env, seconds, tumbling, watermarks } from 'sluice';
import { opened } from '../bids.ts';
import { records, timedBids } from './bids-stream.ts';

timedBids()
  .join(
    env
      .generate(opened, { count: Math.ceil(records / 15) })
      .withWatermarks(watermarks.monotonous(), ({ time }) => time),
  )
  .where(({ auction }) => auction)
  .equalTo(({ id }) => id)
  .window(tumbling({ size: seconds(10) }))
  .apply(({ auction, price }, { seller }) => ({ auction, price, seller }))
  .sinkTo(discard());
