// %% q3: who sells in category 10, in three states
import { list, value } from 'sluice';
import { auctions, persons } from './events.ts';
import type { Person } from './generator.ts';

type Seller = Pick<Person, 'id' | 'name' | 'city' | 'state'>;

// A join without end: either side may come first, and waits for the other. It keeps what it is given: only
// what is asked for.
const seller = value<Seller>({ name: 'seller' });
const waiting = list<number>({ name: 'auctions waiting' });

const wanted = new Set(['OR', 'ID', 'CA']);

auctions()
  .filter(({ category }) => category === 10)
  .keyBy((auction) => auction.seller)
  .connect(
    persons()
      .filter(({ state }) => wanted.has(state))
      .map(({ id, name, city, state }): Seller => ({ id, name, city, state }))
      .keyBy(({ id }) => id),
  )
  .process<Row>({
    process1({ id }, ctx, out) {
      const person = ctx.state(seller).value();
      if (person === undefined) ctx.state(waiting).add(id);
      else out.collect(row(person, id));
    },
    process2(person, ctx, out) {
      ctx.state(seller).update(person);
      for (const id of ctx.state(waiting).get()) out.collect(row(person, id));
      ctx.state(waiting).clear();
    },
  })
  .print();

type Row = ReturnType<typeof row>;
const row = ({ name, city, state }: Seller, id: number) => [name, city, state, id];
