/** The same numbers on every machine. */
export interface Random {
  /** An integer from 0 up to a bound, itself left out. */
  readonly below: (bound: number) => number;
}

/** Source: Marsaglia, "Xorshift RNGs" (2003), 32 bits, 13–17–5. Good enough to draw books by. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0 || 1;
  return {
    below: (bound) => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      state >>>= 0;
      return state % bound;
    },
  };
}
