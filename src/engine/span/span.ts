import { accountHealth } from '../accounts.ts';
import type { FloatMarket, Inputs } from '../inputs.ts';
import type { VenueLeg } from '../legs.ts';
import { sum } from '../lookup.ts';
import type { SpanModel } from '../models/venueModels.ts';
import type { Margin } from '../result.ts';
import { computeScan, type ScanSolution } from '../scan/scanMargin.ts';
import { valuesToday } from '../today.ts';
import { calendarCharge, shortOptionMinimum } from './charges.ts';
import { arrangeCommodities, type Commodity } from './commodity.ts';
import { interCommodityCredits } from './credits.ts';

/**
 * Margin under `span16`: for each combined commodity
 *
 *     requirement = max(short-option minimum, scanning risk + calendar charge − inter-commodity credit)
 *     maintenance = Σ requirements      initial = imFactor · maintenance
 *
 * A token is a position of delta one in the commodity that it follows; a stablecoin is cash. The scenarios of the result are the risk arrays.
 * Source: cme.com, "Components of SPAN"; asx.com.au, "SPAN margining" (the formula). Checked against published examples in test/engine/span.
 */
export function computeSpan(inputs: Inputs, model: SpanModel): Margin {
  return computeScan(inputs, model.preset, (legs) => solveSpan(legs, { market: inputs.market, model }));
}

function solveSpan(
  legs: readonly VenueLeg[],
  { market, model }: { market: FloatMarket; model: SpanModel },
): ScanSolution {
  const commodities = arrangeCommodities(legs, market, model);
  const credits = interCommodityCredits(commodities, model);
  const parts = commodities.map((commodity) => partsOf(commodity, { model, credits }));
  const scanUsd = sum(commodities.map(({ group }) => group.lossUsd));
  const maintenanceUsd = scanUsd + sum(parts.map(({ addedUsd }) => addedUsd));
  const values = valuesToday(legs);
  const assetsUsd = sum(values.map((value) => Math.max(0, value)));
  const liabilitiesUsd = sum(values.map((value) => Math.max(0, -value)));
  const health = accountHealth(assetsUsd, liabilitiesUsd + maintenanceUsd);
  const initialUsd = model.parameters.imFactor * maintenanceUsd;
  return {
    groups: commodities.map(({ group }) => group),
    accounts: [{ assetsUsd, liabilitiesUsd, maintenanceUsd, initialUsd, health }],
    addOns: Object.assign({}, ...parts.map(({ addOns }) => addOns)),
  };
}

/** What a commodity needs beside its scanning risk. */
function partsOf(
  commodity: Commodity,
  { model, credits }: { model: SpanModel; credits: ReadonlyMap<string, number> },
): { addedUsd: number; addOns: Record<string, number> } {
  const { name, lossUsd } = commodity.group;
  const calendarUsd = calendarCharge(commodity, model.parameters.calendarCharge);
  const creditUsd = credits.get(name) ?? 0;
  const scannedUsd = lossUsd + calendarUsd - creditUsd;
  const raisedUsd = Math.max(0, shortOptionMinimum(commodity, model.parameters.shortOptionMinimum) - scannedUsd);
  return {
    addedUsd: calendarUsd - creditUsd + raisedUsd,
    addOns: {
      [`calendar:${name}`]: calendarUsd,
      [`interCommodity:${name}`]: creditUsd === 0 ? 0 : -creditUsd,
      [`shortOptionMinimum:${name}`]: raisedUsd,
    },
  };
}
