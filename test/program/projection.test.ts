// Which fields a program's exchanges carry: those that everything behind them reads of the same record.

import { expect, test } from 'vitest';
import type { Aggregate } from '../../engine/api/aggregates.ts';
import { Configuration } from '../../engine/core/configuration.ts';
import { jobGraphOf } from '../../engine/graph/job-graph.ts';
import { withFields } from '../../engine/program/projection.ts';
import { type Api, build } from '../api/program.ts';

interface Bid {
  readonly auction: number;
  readonly price: number;
  readonly time: number;
  readonly url: string;
}

/** Of the edges that deal records out, in their order; undefined: all. */
function fieldsOf(program: (api: Api, bids: ReturnType<typeof bidsOf>) => unknown) {
  const built = build((api) => void program(api, bidsOf(api)));
  const { edges } = withFields(built);
  return edges.flatMap(({ partitioner, fields }) => (partitioner === undefined ? [] : [fields]));
}

const bidsOf = (api: Api) =>
  api.env.from<Bid>([]).withWatermarks(api.watermarks.monotonous(), ({ time }) => time);

const auction = ({ auction: id }: Bid): number => id;

test('the key, and what an aggregate looks at', () => {
  const of = (aggregate: (api: Api) => Aggregate<Bid, unknown>) =>
    fieldsOf((api, bids) =>
      bids
        .keyBy(auction)
        .window(api.tumbling({ size: api.seconds(1) }))
        .aggregate(aggregate(api))
        .print(),
    );
  expect(of((api) => api.count())).toEqual([['auction']]);
  expect(of((api) => api.max((bid: Bid) => bid.price))).toEqual([['auction', 'price']]);
  expect(of((api) => api.maxBy((bid: Bid) => bid.price))).toEqual([undefined]);
});

test('the methods of an own aggregate, though they are bound to it', () => {
  const own = {
    create: () => 0,
    add(sum: number, { price }: Bid): number {
      return sum + price;
    },
  };
  expect(fieldsOf((_, bids) => bids.keyBy(auction).aggregate(own).print())).toEqual([
    ['auction', 'price'],
  ]);
  const whole = { create: (): Bid[] => [], add: (all: Bid[], bid: Bid) => [...all, bid] };
  expect(fieldsOf((_, bids) => bids.keyBy(auction).aggregate(whole).print())).toEqual([undefined]);
});

test('all that meet the record behind an exchange, up to what makes another of it', () => {
  expect(
    fieldsOf((api, bids) => {
      const some = bids
        .rebalance()
        .filter(({ price }) => price > 1)
        .withWatermarks(api.watermarks.monotonous(), ({ time }) => time);
      some.map(({ url }) => ({ url, other: 1 })).print();
    }),
  ).toEqual([['price', 'time', 'url']]);
});

test('everything where one of them hands the record on', () => {
  expect(
    fieldsOf((_, bids) => {
      const some = bids.rebalance().filter(({ price }) => price > 1);
      some.map(({ url }) => url).print();
      some.print();
    }),
  ).toEqual([undefined]);
});

test('everything for what keeps records, or whose function is an object', () => {
  expect(
    fieldsOf((_, bids) =>
      bids
        .keyBy(auction)
        .reduce((a) => a)
        .print(),
    ),
  ).toEqual([undefined]);
  expect(
    fieldsOf((_, bids) =>
      bids
        .keyBy(auction)
        .process((bid, __, out) => out.collect(bid))
        .print(),
    ),
  ).toEqual([undefined]);
  expect(
    fieldsOf((api, bids) =>
      bids
        .keyBy(auction)
        .intervalJoin(bids.keyBy(auction))
        .between(api.seconds(0), api.seconds(1))
        .process((a, b) => a.price + b.price)
        .print(),
    ),
  ).toEqual([undefined, undefined]);
});

test('everything where records that are late go elsewhere', () => {
  expect(
    fieldsOf((api, bids) =>
      bids
        .keyBy(auction)
        .window(api.tumbling({ size: api.seconds(1) }))
        .sideOutputLateData(api.outputTag<Bid>('late'))
        .aggregate(api.count())
        .print(),
    ),
  ).toEqual([undefined]);
});

test('pipeline.projection switches it off', () => {
  const program = build((api) => void bidsOf(api).keyBy(auction).aggregate(api.count()).print());
  const fields = (configuration: Record<string, string>) =>
    jobGraphOf(withFields(program), new Configuration(configuration)).edges.map(
      (edge) => edge.fields,
    );
  expect(fields({})).toEqual([['auction']]);
  expect(fields({ 'pipeline.projection': 'false' })).toEqual([undefined]);
});
