// What the jobs of this folder begin with.
import { env, watermarks } from 'sluice';
import { bid } from '../bids.ts';

export const records = env.param('records', 1_000_000);

export const bids = () => env.generate(bid, { count: records });

export const timedBids = () => bids().withWatermarks(watermarks.monotonous(), ({ time }) => time);
