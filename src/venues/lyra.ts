import { MarginError } from '../errors.ts';
import type { OptionPosition, TokenPosition } from '../portfolio/position.ts';
import type { ShortOptionRule, Silo } from '../portfolio/silo.ts';
import type { Decimal } from '../units/decimal.ts';
import { mulDivDown, WAD } from '../units/wad.ts';
import { optionTokenEventsAbi } from './abi/lyra.ts';
import { accountsOf, eventsOf } from './holders.ts';
import { type VenueSource, venueKind } from './kind.ts';
import { claimsOf, configSchema, type LyraConfig } from './lyraConfig.ts';
import {
  carryLyraAccounts,
  type LyraHolding,
  type LyraRaw,
  OPTION_TYPES,
  readLyraAccounts,
  readTouched,
} from './lyraRead.ts';
import type { LyraParameters, LyraRequirement } from './lyraRules.ts';
import type { Token } from './tokens.ts';
import type { Venue, VenuePositions } from './venue.ts';

const NAME = 'lyra';
const LONG = `${NAME}:long`;

/** How a deployment names it. */
export const lyraKind = venueKind({
  kind: 'lyra',
  config: configSchema,
  create: (options: LyraConfig, { fromBlock, book }) => [lyra({ fromBlock, ...options, book })],
});

/** Lyra V1: one silo for all longs, one for each short with its collateral. */
export function lyra({ fromBlock, book, ...places }: LyraConfig & VenueSource): Venue<LyraRaw> {
  const source = { config: places, book };
  return {
    name: NAME,
    claims: claimsOf(places),
    discover: async (chain) => {
      const events = eventsOf(optionTokenEventsAbi);
      return accountsOf(await chain.history({ address: places.optionToken, events, fromBlock, keep: ['to'] }), ['to']);
    },
    read: (chain, accounts) => readLyraAccounts(chain, { source, accounts }),
    toPositions,
    carryForward: {
      touched: (chain, sinceBlock) => readTouched(chain, { source, sinceBlock }),
      carry: (chain, raws) => carryLyraAccounts(chain, { source, raws }),
    },
  };
}

/** The legs, silos and healths of one account. Pure. */
function toPositions({ holdings }: LyraRaw): VenuePositions {
  const parts = holdings.map(holdingToPositions);
  const silos = new Map(parts.flatMap((part) => part.silos).map((silo) => [silo.id, silo]));
  return {
    positions: parts.flatMap(({ positions }) => positions),
    silos: [...silos.values()],
    healths: parts.flatMap(({ healths }) => healths),
  };
}

function holdingToPositions(holding: LyraHolding): VenuePositions {
  const { position, strike, requirement, market } = holding;
  const kind = kindOf(holding);
  const silo = isLong(kind) ? LONG : `${NAME}:${position.positionId}`;
  const collateralToken = kind === 'shortCallBase' ? market.base : market.quote;
  if (strike.priceAtExpiry !== 0n) return claimToPositions(settledClaim(holding), { silo, token: collateralToken });
  const option = optionLeg(holding, { silo, kind });
  const collateral = tokenLegs(position.collateral, { silo, token: collateralToken });
  const rule =
    requirement === null ? ({ kind: 'owned' } as const) : ruleOf(requirement, { kind, parameters: market.parameters });
  return {
    positions: [...(isLong(kind) ? [] : collateral), option],
    silos: [{ id: silo, venue: NAME, rule }],
    healths: requirement === null ? [] : [healthOf(silo, { collateral: position.collateral, requirement })],
  };
}

type Kind = (typeof OPTION_TYPES)[number];

function kindOf({ position }: LyraHolding): Kind {
  const kind = OPTION_TYPES[position.optionType];
  if (kind === undefined) throw new UnknownOptionTypeError(position);
  return kind;
}

/** Units of the payout token, 1e18, once the board is settled. Source: ShortCollateral.settleOptions of Lyra V1. */
function settledClaim(holding: LyraHolding): bigint {
  const { amount, collateral } = holding.position;
  const { strikePrice, priceAtExpiry, strikeToBaseReturned } = holding.strike;
  const above = mulDivDown(atLeastZero(priceAtExpiry - strikePrice), amount, WAD);
  const below = mulDivDown(atLeastZero(strikePrice - priceAtExpiry), amount, WAD);
  switch (kindOf(holding)) {
    case 'longCall':
      return above;
    case 'longPut':
      return below;
    case 'shortCallBase':
      return atLeastZero(collateral - mulDivDown(strikeToBaseReturned, amount, WAD));
    case 'shortCallQuote':
      return atLeastZero(collateral - above);
    case 'shortPutQuote':
      return atLeastZero(collateral - below);
  }
}

interface Place {
  readonly silo: string;
  readonly token: Token;
}

/** What a settled position still has to be paid: a token leg, and nothing that could be liquidated. */
function claimToPositions(raw: bigint, place: Place): VenuePositions {
  const positions = tokenLegs(raw, place);
  const silo: Silo = { id: place.silo, venue: NAME, rule: { kind: 'owned' } };
  return { positions, silos: positions.length === 0 ? [] : [silo], healths: [] };
}

function tokenLegs(raw: bigint, { silo, token }: Place): readonly TokenPosition[] {
  if (raw === 0n) return [];
  const amount = { raw, decimals: token.decimals };
  return [{ kind: 'token', venue: NAME, silo, custody: 'observed', asset: token.asset, amount }];
}

function optionLeg(
  { position, strike, market: { underlying } }: LyraHolding,
  { silo, kind }: { readonly silo: string; readonly kind: Kind },
): OptionPosition {
  const isPut = kind === 'longPut' || kind === 'shortPutQuote';
  return {
    kind: 'option',
    venue: NAME,
    silo,
    custody: 'observed',
    underlying,
    type: isPut ? 'put' : 'call',
    strike: wad(strike.strikePrice),
    expiry: strike.expiry,
    amount: wad(isLong(kind) ? position.amount : -position.amount),
  };
}

function ruleOf(
  { shockVol }: LyraRequirement,
  { kind, parameters }: { readonly kind: Kind; readonly parameters: LyraParameters },
): ShortOptionRule {
  const inBase = kind === 'shortCallBase';
  return {
    kind: 'shortOption',
    collateralIn: inBase ? 'underlying' : 'quote',
    minStaticCollateral: wad(inBase ? parameters.minStaticBaseCollateral : parameters.minStaticQuoteCollateral),
    spotShock: wad(kind === 'shortPutQuote' ? parameters.putSpotPriceShock : parameters.callSpotPriceShock),
    shockVol: wad(shockVol),
    rate: wad(parameters.rateAndCarry),
    penaltyRatio: wad(parameters.penaltyRatio),
    minPenaltyUsd: wad(parameters.minLiquidationFee),
  };
}

/** Collateral over what Lyra's own view asks for, Down: under 1e18 exactly where Lyra lets anyone liquidate. None where nothing is asked. */
function healthOf(
  silo: string,
  { collateral, requirement }: { readonly collateral: bigint; readonly requirement: LyraRequirement },
): VenuePositions['healths'][number] {
  const { minCollateral } = requirement;
  const healthOwnWad = minCollateral ? mulDivDown(collateral, WAD, minCollateral) : null;
  return { venue: NAME, silo, healthOwnWad, healthComputedWad: null };
}

function isLong(kind: Kind): boolean {
  return kind === 'longCall' || kind === 'longPut';
}

function wad(raw: bigint): Decimal {
  return { raw, decimals: 18 };
}

function atLeastZero(x: bigint): bigint {
  return x > 0n ? x : 0n;
}

/** A position whose option type is none of those that the deployed Lyra V1 knows. */
export class UnknownOptionTypeError extends MarginError {
  readonly code = 'UnknownOptionTypeError';
  readonly positionId: bigint;
  readonly optionType: number;

  constructor({ positionId, optionType }: { readonly positionId: bigint; readonly optionType: number }) {
    super(
      `Lyra position ${positionId} has option type ${optionType}, known are 0 to ${OPTION_TYPES.length - 1}. Check that the option token of the deployment is Lyra V1's.`,
    );
    this.positionId = positionId;
    this.optionType = optionType;
  }
}
