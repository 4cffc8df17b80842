// %% q16: statistics of a channel and day
import { days, tumbling } from 'sluice';
import { dayOf, minuteOf } from './columns.ts';
import { bids } from './events.ts';
import { statistics } from './statistics.ts';

bids()
  .keyBy(({ channel }) => channel)
  .window(tumbling({ size: days(1) }))
  .aggregate(statistics, (channel, { start }, { latest, numbers }) => [
    ...[channel, dayOf(start), minuteOf(latest)],
    ...numbers,
  ])
  .print();
