// %% q8: who joins and sells within ten seconds
import { seconds, tumbling } from 'sluice';
import { auctions, persons } from './events.ts';
import type { Person } from './generator.ts';

const size = seconds(10);

persons()
  .coGroup(auctions())
  .where(({ id }) => id)
  .equalTo(({ seller }) => seller)
  .window(tumbling({ size }))
  .apply((joined, sold) => (sold.length === 0 ? [] : joined.map(row)))
  .print();

const row = ({ id, name, dateTime }: Person) => [id, name, Math.floor(dateTime / size) * size];
