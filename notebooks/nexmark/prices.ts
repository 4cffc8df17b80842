// Prices of Nexmark: from 1 to 1,000,000 dollars, in cents, as many between 1 and 10 as between 10 and 100. A
// power of ten takes 15 ns, an eighth of an event; one that is put together out of tables takes 5, and where it
// is so near to a half that the two could be rounded differently, the power itself is taken.

const MAGNITUDES = 6;

/** `share`: from 0 up to 1. */
export function priceAt(share: number): number {
  const steps = share * STEPS ** 2;
  const step = steps | 0;
  const x = (steps - step) * LN_OF_STEP;
  const power = (COARSE[step >> 8] as number) * (FINE[step & 255] as number);
  const cents = power * (1 + x * (1 + x * (1 / 2 + x * (1 / 6)))) + 0.5;
  const rounded = cents | 0;
  const isSure = Math.abs(cents - rounded - 0.5) < 0.5 - UNSURE;
  return isSure ? rounded : exactPriceAt(share);
}

const exactPriceAt = (share: number): number => Math.floor(10 ** (share * MAGNITUDES) * 100 + 0.5);

/** In each of the tables. */
const STEPS = 256;
/** The two differ by 10^-15 of a price, so by 10^-7 of a cent. */
const UNSURE = 1e-5;
const LN_OF_STEP = (MAGNITUDES * Math.LN10) / STEPS ** 2;

const powers = (first: number, magnitudes: number): Float64Array =>
  Float64Array.from({ length: STEPS }, (_, i) => first * 10 ** ((magnitudes * i) / STEPS));

const COARSE = powers(100, MAGNITUDES);
const FINE = powers(1, MAGNITUDES / STEPS);
