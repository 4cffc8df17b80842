// The random numbers of Nexmark: Java's SplittableRandom. The state is one 64-bit number, so that a generator
// can go on exactly where it stood. Arithmetic modulo 2^64 is written with bigints: V8 compiles
// `BigInt.asUintN(64, …)` to plain machine words, and a draw takes 1 ns, five times less than with halves.
//
// Where many numbers are drawn they are looked at first and taken later: drawn in a loop of their own they cost
// half of what they do one by one, in the middle of other things.

const GAMMA = 0x9e3779b97f4a7c15n;
const AHEAD_MAX = 256;
const NONE = AHEAD_MAX;

/** By how much the state has risen after 1, 2, 3, … numbers. */
const RISES = BigUint64Array.from({ length: AHEAD_MAX }, (_, i) => GAMMA * BigInt(i + 1));

export class SplittableRandom {
  readonly #state = new BigUint64Array(1);
  /** The numbers ahead, and the state with each. */
  readonly #numbers = new BigUint64Array(AHEAD_MAX);
  readonly #states = new BigUint64Array(AHEAD_MAX);
  /** The same memory as the numbers: lower half, upper half, lower half, … */
  readonly #words = new Int32Array(this.#numbers.buffer);
  readonly #double = new BigUint64Array(1);
  readonly #halves = new Int32Array(this.#double.buffer);
  #ahead = 0;
  /** Of the numbers ahead the first that is none for its bound. */
  #unfit = NONE;

  constructor(state: bigint) {
    this.#state[0] = state;
  }

  /** A generator made from it draws the numbers that come next. */
  get state(): bigint {
    return this.#state[0] as bigint;
  }

  /** -2^31 to 2^31 - 1. */
  nextInt32(): number {
    this.lookAhead(1);
    this.take(1);
    return this.peekInt32(0);
  }

  /** 0 to `bound - 1`. */
  nextInt(bound: number): number {
    for (;;) {
      this.lookAhead(1);
      const drawn = this.peekInt(0, bound);
      if (this.take(1)) return drawn;
    }
  }

  /** From 0 up to 1, in steps of 2^-53. */
  nextDouble(): number {
    this.lookAhead(1);
    const drawn = this.peekDouble(0);
    this.take(1);
    return drawn;
  }

  /** From now on the next `count` numbers can be looked at, until some of them are taken. */
  lookAhead(count: number): void {
    if (this.#ahead > 0) return; // looked at again, without the one that was unfit
    const [numbers, states] = [this.#numbers, this.#states];
    const state = this.#state[0] as bigint;
    for (let i = 0; i < count; i++) {
      const risen = BigInt.asUintN(64, state + (RISES[i] as bigint));
      states[i] = risen;
      numbers[i] = mixed(risen);
    }
    this.#ahead = count;
  }

  peekInt32(index: number): number {
    return this.#words[2 * index + 1] as number;
  }

  /** As `nextInt`, if the numbers that were looked at can be taken. */
  peekInt(index: number, bound: number): number {
    const drawn = this.peekInt32(index);
    const most = bound - 1;
    if ((bound & most) === 0) return drawn & most;
    const positive = drawn >>> 1;
    const result = positive % bound;
    // The topmost numbers are too few for one of each result.
    if (positive - result > 0x7fffffff - most && index < this.#unfit) this.#unfit = index;
    return result;
  }

  /** As `nextDouble`. */
  peekDouble(index: number): number {
    const state = this.#states[index] as bigint;
    let z = BigInt.asUintN(64, (state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    this.#double[0] = z ^ (z >> 31n);
    const upper = (this.#halves[1] as number) >>> 0;
    const lower = (this.#halves[0] as number) >>> 11;
    return (upper * 2 ** 21 + lower) * 2 ** -53;
  }

  /**
   * The next `count` numbers have been drawn. False: one of them was unfit for what it was looked at for; nothing is
   * drawn, and what was made of them has to be made again, out of the numbers without that one.
   */
  take(count: number): boolean {
    if (this.#unfit !== NONE) {
      this.#leaveOut(this.#unfit);
      return false;
    }
    this.#state[0] = this.#states[count - 1] as bigint;
    this.#ahead = 0;
    return true;
  }

  /** The numbers behind it move up. */
  #leaveOut(index: number): void {
    const [numbers, states] = [this.#numbers, this.#states];
    const last = this.#ahead - 1;
    const state = BigInt.asUintN(64, (states[last] as bigint) + GAMMA);
    for (const column of [numbers, states]) column.copyWithin(index, index + 1, last + 1);
    states[last] = state;
    numbers[last] = mixed(state);
    this.#unfit = NONE;
  }
}

function mixed(state: bigint): bigint {
  const z = BigInt.asUintN(64, (state ^ (state >> 33n)) * 0x62a9d9ed799705f5n);
  return BigInt.asUintN(64, (z ^ (z >> 28n)) * 0xcb24d0a5c88c35b3n);
}
