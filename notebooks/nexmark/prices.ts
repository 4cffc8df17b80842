// Prices of Nexmark: from 1 to 1,000,000 dollars, in cents, as many between 1 and 10 as between 10 and 100. A
// power of ten takes 15 ns, an eighth of an event; one that is put together out of tables takes 4, and where it
// is so near to a half that the two could be rounded differently, the power itself is taken.

const MAGNITUDES = 6;

/** `share`: from 0 up to 1. */
export function priceAt(share: number): number {
  const steps = share * STEPS;
  const coarse = Math.floor(steps);
  const fineSteps = (steps - coarse) * STEPS;
  const fine = Math.floor(fineSteps);
  const x = (fineSteps - fine) * LN_OF_FINE_STEP;
  const rest = 1 + x * (1 + (x / 2) * (1 + x / 3));
  const cents = (COARSE[coarse] as number) * (FINE[fine] as number) * rest + 0.5;
  const rounded = Math.floor(cents);
  const isSure = Math.abs(cents - rounded - 0.5) < 0.5 - UNSURE;
  return isSure ? rounded : exactPriceAt(share);
}

const exactPriceAt = (share: number): number => Math.floor(10 ** (share * MAGNITUDES) * 100 + 0.5);

const STEPS = 256;
/** The two differ by 10^-15 of a price, so by 10^-7 of a cent. */
const UNSURE = 1e-5;
const LN_OF_FINE_STEP = (MAGNITUDES * Math.LN10) / STEPS ** 2;

const powers = (first: number, magnitudes: number): Float64Array =>
  Float64Array.from({ length: STEPS }, (_, i) => first * 10 ** ((magnitudes * i) / STEPS));

const COARSE = powers(100, MAGNITUDES);
const FINE = powers(1, MAGNITUDES / STEPS);
