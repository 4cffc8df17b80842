// %% q21: channels by their ids
import { bids } from './events.ts';

const ids = new Map([
  ['apple', '0'],
  ['google', '1'],
  ['facebook', '2'],
  ['baidu', '3'],
]);

/** Undefined where neither name nor address tells it. */
const channelId = (channel: string, url: string): string | undefined =>
  ids.get(channel.toLowerCase()) ?? /(?:^|&)channel_id=([^&]*)/.exec(url)?.[1];

bids()
  .flatMap(({ auction, bidder, price, channel, url }) => {
    const id = channelId(channel, url);
    return id === undefined ? [] : [[auction, bidder, price, channel, id]];
  })
  .print();
