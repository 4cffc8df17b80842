// %% q14: prices, times and letters
import { euros, thousandthsOfEuro } from './columns.ts';
import { bids } from './events.ts';

function timeType(time: number): string {
  const hour = new Date(time).getUTCHours();
  if (hour >= 8 && hour <= 18) return 'dayTime';
  return hour <= 6 || hour >= 20 ? 'nightTime' : 'otherTime';
}

bids()
  .filter(({ price }) => {
    const thousandths = thousandthsOfEuro(price);
    return thousandths > 1_000_000_000 && thousandths < 50_000_000_000;
  })
  .map(({ auction, bidder, price, dateTime, extra }) => {
    const letters = extra.split('c').length - 1;
    return [auction, bidder, euros(price), timeType(dateTime), dateTime, extra, letters];
  })
  .print();
