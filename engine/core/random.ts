// Chance is an argument: production hands in the system's (system-random.ts), the simulation a seeded one.

export interface Random {
  /** An unsigned 32-bit integer. */
  u32(): number;
}

/** In [0, 1), with 32 bits of resolution. */
export const unit = (random: Random): number => random.u32() / 2 ** 32;

/** An integer in [0, bound). */
export const below = (random: Random, bound: number): number => Math.floor(unit(random) * bound);

/** A small, fast, seeded generator (SplitMix32): for programs that must repeat, never for secrets. */
export class SeededRandom implements Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  u32(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  }
}
