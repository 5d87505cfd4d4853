import { MarginError } from '../errors.ts';
import type { Market } from '../portfolio/market.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import { computeCrossmargin } from './crossmargin.ts';
import { computeDeribit } from './deribit/deribit.ts';
import { computeDerive } from './derive/derive.ts';
import { type Inputs, readInputs } from './inputs.ts';
import type { Model } from './models/model.ts';
import { computeParadex } from './paradex/paradex.ts';
import type { Margin } from './result.ts';
import { computeSiloed } from './siloedMargin.ts';
import { computeSpan } from './span/span.ts';
import type { OptionPrices } from './valuer.ts';

/** Everything that the engine reads. Nothing else enters: no clock, no randomness, no environment. */
export interface MarginInput {
  readonly portfolio: Portfolio;
  readonly market: Market;
  readonly model: Model;
  /** Options that are priced already, and where new ones are kept. Hand the same one to all accounts of a market: the numbers are the same, each option is priced once. */
  readonly prices?: OptionPrices;
}

/**
 * The margin of a portfolio under a model. Pure and deterministic to the last bit: the order of positions, silos and quotes does not
 * matter, except that `legs[].index` refers to the positions as given.
 *
 * @throws {MarginError} for anything missing, ambiguous or out of range; there is no partial answer.
 */
export function computeMargin({ portfolio, market, model, prices = new Map() }: MarginInput): Margin {
  return computeInputs({ ...readInputs({ portfolio, market }), prices }, model);
}

/** The same from inputs that are read already. */
export function computeInputs(inputs: Inputs, model: Model): Margin {
  const margin = compute(inputs, model);
  const { equityUsd, maintenanceUsd, initialUsd, pledgedEquityUsd, pledgedFreeUsd, siloedUsd } = margin;
  const numbers = [equityUsd, maintenanceUsd, initialUsd, pledgedEquityUsd, pledgedFreeUsd, siloedUsd];
  if (!numbers.every(Number.isFinite)) throw new UnboundedMarginError(model.preset);
  return margin;
}

function compute(inputs: Inputs, model: Model): Margin {
  switch (model.preset) {
    case 'crossmargin-1':
      return computeCrossmargin(inputs, model);
    case 'derive-pm2':
      return computeDerive(inputs, model);
    case 'deribit-2026':
      return computeDeribit(inputs, model);
    case 'paradex-2026':
      return computeParadex(inputs, model);
    case 'span16':
      return computeSpan(inputs, model);
    case 'siloed':
      return computeSiloed(inputs, model);
  }
}

/** The numbers of the book and the model are so large together that the result has no float. */
export class UnboundedMarginError extends MarginError {
  readonly code = 'UnboundedMarginError';

  constructor(preset: string) {
    super(
      `The margin under ${preset} is not a finite number. Check the size of the amounts, rates and model parameters.`,
    );
  }
}
