import { sum } from '../lookup.ts';
import type { DeriveAccount, DeriveExpiry } from './account.ts';

/** Charges beside the scenarios. The initial ones come on top of the maintenance ones. */
export interface Contingencies {
  readonly perpMaintenance: number;
  readonly nakedShortMaintenance: number;
  readonly collateralMaintenance: number;
  readonly perpInitial: number;
  readonly nakedShortInitial: number;
  readonly collateralInitial: number;
  /** For inputs whose confidence is under the threshold. */
  readonly confidenceInitial: number;
}

/**
 * perps: a share of |size|·spot; naked shorts: a share of size·spot per strike; collateral: its haircut; and, for initial margin, (1 − confidence)
 * · factor · notional where the least confidence of what prices a leg is under the threshold.
 * Source: design margin-model §6. Checked against the published cases test_6, test_30 and test_61 (test/engine/derivePm2.test.ts).
 */
export function contingencies(account: DeriveAccount): Contingencies {
  const { spots, perps, expiries, collateral, model } = account;
  const { charges } = model.parameters;
  const perpNotional = Math.abs(sum(perps.map(({ leg }) => leg.amount))) * spots.spotUsd;
  const nakedNotional = sum(expiries.map(nakedShorts)) * spots.spotUsd;
  return {
    perpMaintenance: perpNotional * charges.perpMm,
    nakedShortMaintenance: nakedNotional * charges.optionMm,
    collateralMaintenance: sum(collateral.map(({ value, terms }) => value * terms.mmHaircut)),
    perpInitial: perpNotional * charges.perpIm,
    nakedShortInitial: nakedNotional * charges.optionIm,
    collateralInitial: sum(collateral.map(({ value, terms }) => value * terms.imHaircut)),
    confidenceInitial: confidenceCharge(account, perpNotional),
  };
}

function confidenceCharge(account: DeriveAccount, perpNotional: number): number {
  const { spots, perpConfidence, expiries, collateral, model } = account;
  const { confidenceThreshold, confidenceFactor } = model.parameters.charges;
  const charge = (confidence: number, notional: number) =>
    confidence < confidenceThreshold ? (1 - confidence) * confidenceFactor * notional : 0;
  const spotConfidence = Math.min(spots.spotConfidence, perpConfidence);
  const options = expiries.map((expiry) =>
    charge(Math.min(spotConfidence, expiry.confidence), openSize(expiry) * spots.spotUsd),
  );
  const held = collateral.map(({ confidence, value }) => charge(confidence, value));
  return charge(spotConfidence, perpNotional) + sum(options) + sum(held);
}

/** Σ |contracts| over the options of an expiry, legs in the same option netted first. */
function openSize(expiry: DeriveExpiry): number {
  return sum(netByStrike(expiry).flatMap(({ call, put }) => [Math.abs(call), Math.abs(put)]));
}

/** Contracts sold beyond what is bought at the same strike, call or put. */
function nakedShorts(expiry: DeriveExpiry): number {
  return sum(netByStrike(expiry).map(({ call, put }) => Math.max(0, -(call + put))));
}

function netByStrike({ options }: DeriveExpiry): { call: number; put: number }[] {
  const strikes = new Map<number, { call: number; put: number }>();
  for (const { strikeUsd, type, amount } of options) {
    const net = strikes.get(strikeUsd) ?? { call: 0, put: 0 };
    strikes.set(strikeUsd, { ...net, [type]: net[type] + amount });
  }
  return [...strikes].sort(([a], [b]) => a - b).map(([, net]) => net);
}
