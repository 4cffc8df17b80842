// %% q15: statistics of a day
import { days, tumbling } from 'sluice';
import { dayOf } from './columns.ts';
import { bids } from './events.ts';
import { counted, statistics } from './statistics.ts';

bids()
  .map(counted)
  .windowAll(tumbling({ size: days(1) }))
  .aggregate(statistics, (_, { start }, { numbers }) => [dayOf(start), ...numbers])
  .print();
