import type { OptionType } from '../../portfolio/position.ts';

/** One option of a chain, as its venue quotes it. Prices are in units of the underlying, as inverse options are quoted: USD ÷ forward. */
export interface ChainQuote {
  /** As the chain names it; where it names none, by its place. */
  readonly name: string;
  /** Unix seconds. */
  readonly expiry: number;
  readonly strikeUsd: number;
  readonly type: OptionType;
  /** Annual, the venue's own mark. */
  readonly markVol?: number;
  /** The forward that the mark is on. */
  readonly forwardUsd?: number;
  readonly bid?: number;
  readonly ask?: number;
}

/** Every quoted option of one underlying at one time. */
export interface OptionChain {
  readonly underlying: string;
  /** Unix seconds. */
  readonly asOf: number;
  readonly spotUsd: number;
  readonly quotes: readonly ChainQuote[];
}
