// %% q16: statistics of a channel and day
import { days, tumbling } from 'sluice';
import { dayOf, minuteOf } from './columns.ts';
import { bids } from './events.ts';
import { counted, statistics } from './statistics.ts';

bids()
  .map((bid) => ({ channel: bid.channel, ...counted(bid) }))
  .keyBy(({ channel }) => channel)
  .window(tumbling({ size: days(1) }))
  .aggregate(statistics, (channel, { start }, { latest, numbers }) => [
    ...[channel, dayOf(start), minuteOf(latest)],
    ...numbers,
  ])
  .print();
