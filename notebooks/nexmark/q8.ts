// %% q8: who joins and sells within ten seconds
import { seconds, tumbling } from 'sluice';
import { auctions, persons } from './events.ts';

const size = seconds(10);
const windowOf = (time: number): number => Math.floor(time / size) * size;

// A window keeps what it is given: only what is asked for.
persons()
  .map(({ id, name, dateTime }) => ({ id, name, window: windowOf(dateTime) }))
  .coGroup(auctions().map(({ seller }) => seller))
  .where(({ id }) => id)
  .equalTo((seller) => seller)
  .window(tumbling({ size }))
  .apply((joined, sold) =>
    sold.length === 0 ? [] : joined.map(({ id, name, window }) => [id, name, window]),
  )
  .print();
