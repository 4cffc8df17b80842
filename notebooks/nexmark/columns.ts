// Columns that several queries have. Times are read as UTC.

/** What was paid in dollars, in euros: a decimal with three places, as text. */
export const euros = (price: number): string => (thousandthsOfEuro(price) / 1000).toFixed(3);

/** 0.908 times the price is exact in thousandths. */
export const thousandthsOfEuro = (price: number): number => price * 908;

/** `2015-07-15` */
export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** `13:05` */
export const minuteOf = (time: number): string => new Date(time).toISOString().slice(11, 16);

/** Prices are told apart in three ranks: 0 below 10,000, 1 below 1,000,000, and 2. */
export function rankOf(price: number): 0 | 1 | 2 {
  if (price < 10_000) return 0;
  return price < 1_000_000 ? 1 : 2;
}
