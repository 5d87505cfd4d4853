/** Of pledged equity, what no pledge may draw on: a sale of the account brings so much less than it is worth. */
const SALE_DISCOUNT = 0.1;

/** What is known of pledged legs, USD. */
export interface PledgeBase {
  readonly equityUsd: number;
  /** Initial margin of the pledged legs by themselves. */
  readonly initialUsd: number;
  /** What observed silos are under water today. */
  readonly shortfallUsd: number;
}

/**
 * What is free to be pledged: pledged equity less the larger of its initial margin and a tenth of it, and less what observed silos are under water.
 *
 * Why the tenth: an account is sold once its pledges exceed equity − (equity − free) ÷ imFactor, and the first price of a sale is 0.95 of equity, of which the keeper has 0.005. With imFactor 1.25, as the
 * model has it, that is at 0.92 of equity at the latest: the first price pays the pledges of a hedged book too, whose own margin is next to nothing, and the insurance reserve pays losses, not discounts.
 * Source: `LiquidationAuction.cushionOf`, `AuctionPrice.FIRST_WAD`, docs/decisions/0013. Checked in test/engine/freeToPledge.test.ts.
 */
export function freeToPledge({ equityUsd, initialUsd, shortfallUsd }: PledgeBase): number {
  return equityUsd - shortfallUsd - Math.max(initialUsd, SALE_DISCOUNT * equityUsd);
}
