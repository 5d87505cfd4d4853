import { type Address, encodeAbiParameters, type Hex, isHex, keccak256, size, stringToBytes } from 'viem';
import { z } from 'zod';
import { addressSchema } from '../chain/addressSchema.ts';
import type { TokenPosition } from '../portfolio/position.ts';
import type { LendingRule, Silo } from '../portfolio/silo.ts';
import { type Figure, requireAgreement } from './agreement.ts';
import { accountsOf } from './holders.ts';
import { venueConfig, venueKind } from './kind.ts';
import {
  carryMorphoAccounts,
  type MorphoHolding,
  type MorphoMarket,
  type MorphoRaw,
  readMorphoAccounts,
} from './morphoBlueRead.ts';
import { historyQuery, readTouched } from './morphoHistory.ts';
import { type Counting, countedLoan } from './morphoLoans.ts';
import { accrue, borrowedAssets, healthWad, liquidationBonusWad, suppliedAssets } from './morphoMath.ts';
import { refuseAsset, type SetAside } from './setAside.ts';
import { assetTokenAt, type TokenBook, tokenAt, UnknownTokenError } from './tokens.ts';
import type { Claim, Venue, VenuePositions } from './venue.ts';

const NAME = 'morphoBlue';
const ONE = { raw: 1n, decimals: 0 };

const marketId = z.custom<Hex>((id) => isHex(id) && size(id) === 32, 'is no id of a market: 32 bytes in hex');
const configSchema = venueConfig({
  morpho: addressSchema,
  /** Ids of the markets in which a loan counts. Absent: all, which no deployment with custody may say. */
  markets: marketId.array().exactOptional(),
});

/** Where it lives on a chain. */
export type MorphoBlueConfig = z.infer<typeof configSchema>;

declare module '../chain/deployment.ts' {
  interface VenueConfigs {
    readonly morphoBlue?: MorphoBlueConfig;
  }
}

/** How a deployment names it. */
export const morphoBlueKind = venueKind({
  kind: 'morphoBlue',
  config: configSchema,
  create: (options: MorphoBlueConfig, { chainId, fromBlock, book }) => [
    morphoBlue({ fromBlock, ...options, chainId, book }),
  ],
});

/** Where Morpho is, since when, and which asset each token is. */
export interface MorphoBlueOptions extends MorphoBlueConfig {
  readonly chainId: number;
  readonly fromBlock: number;
  readonly book: TokenBook;
}

/** Morpho Blue: one silo a market for collateral and debt, and one for what is supplied to it. */
export function morphoBlue(source: MorphoBlueOptions): Venue<MorphoRaw> {
  return {
    name: NAME,
    claims: [claimOf(source)],
    discover: async (chain) => {
      const history = await chain.history(historyQuery(source));
      return accountsOf(history, ['onBehalf', 'newFeeRecipient']);
    },
    read: (chain, accounts) => readMorphoAccounts(chain, { source, accounts }),
    toPositions: (raw, setAside = refuseAsset) => toPositions(raw, { setAside, markets: source.markets }),
    carryForward: {
      touched: (chain, sinceBlock) => readTouched(chain, { source, sinceBlock }),
      carry: (chain, raws) => carryMorphoAccounts(chain, { source, raws }),
    },
  };
}

/** Morpho has no name, and a domain for signatures of its own. Source: EIP-712; ConstantsLib of Morpho Blue. */
function claimOf({ morpho: address, chainId }: MorphoBlueOptions): Claim {
  const type = keccak256(stringToBytes('EIP712Domain(uint256 chainId,address verifyingContract)'));
  const fields = [{ type: 'bytes32' }, { type: 'uint256' }, { type: 'address' }];
  const expected = keccak256(encodeAbiParameters(fields, [type, BigInt(chainId), address]));
  return { what: 'Morpho Blue', address, says: 'function DOMAIN_SEPARATOR() view returns (bytes32)', expected };
}

/** The legs, silos and healths of one account. Pure. */
function toPositions({ account, timestamp, holdings, failures }: MorphoRaw, counting: Counting): VenuePositions {
  const { setAside } = counting;
  for (const { id, mayBeGift, error } of failures) {
    if (!mayBeGift) throw error;
    setAside(`${NAME}:${id}`, error);
  }
  const parts = holdings.map((holding) => holdingToPositions(holding, { account, timestamp, ...counting }));
  return {
    positions: parts.flatMap(({ positions }) => positions),
    silos: parts.flatMap(({ silos }) => silos),
    healths: parts.flatMap(({ healths }) => healths),
  };
}

interface Whose extends Counting {
  readonly account: Address;
  readonly timestamp: number;
}

function holdingToPositions(holding: MorphoHolding, whose: Whose): VenuePositions {
  const { account, timestamp, setAside } = whose;
  const { id, params, price, isFeeRecipient, own, tokens } = holding;
  const { market, feeShares } = accrue(holding, timestamp);
  const supplyShares = holding.position.supplyShares + (isFeeRecipient ? feeShares : 0n);
  const position = { ...holding.position, supplyShares };
  const healthComputedWad = healthWad({ position, market }, { price, lltv: params.lltv });
  const ownPosition = own.position;
  const healthOwnWad =
    ownPosition && healthWad({ position: ownPosition, market: own.market }, { price, lltv: params.lltv });
  const figures: readonly Figure[] = ownPosition
    ? [
        { name: 'supplyShares', own: ownPosition.supplyShares, computed: supplyShares },
        { name: 'health', own: healthOwnWad, computed: healthComputedWad },
      ]
    : [];
  requireAgreement({ venue: NAME, account }, [...figuresOf(market, own.market), ...figures]);
  const silo = `${NAME}:${id}`;
  const leg = { tokens, setAside, address: params.loanToken };
  const borrowing = [
    ...legsOf(position.collateral, { ...leg, silo, address: params.collateralToken }),
    ...legsOf(-borrowedAssets(position, market), { ...leg, silo }),
  ];
  const lent = { ...leg, silo: `${silo}:supply` };
  const supplying = legsOf(countedLoan(suppliedAssets(position, market), { ...whose, id, silo: lent.silo }), lent);
  const silos: readonly Silo[] = [
    ...(borrowing.length === 0 ? [] : [{ id: silo, venue: NAME, rule: ruleOf(holding) }]),
    ...(supplying.length === 0 ? [] : [{ id: `${silo}:supply`, venue: NAME, rule: { kind: 'owned' } as const }]),
  ];
  const healths = borrowing.length === 0 ? [] : [{ venue: NAME, silo, healthOwnWad, healthComputedWad }];
  return { positions: [...borrowing, ...supplying], silos, healths };
}

function figuresOf(computed: MorphoMarket, own: MorphoMarket): readonly Figure[] {
  const names = ['totalSupplyAssets', 'totalSupplyShares', 'totalBorrowAssets', 'totalBorrowShares'] as const;
  return names.map((name) => ({ name, own: own[name], computed: computed[name] }));
}

interface Place {
  readonly silo: string;
  readonly setAside: SetAside;
  readonly tokens: MorphoHolding['tokens'];
  readonly address: Address;
}

/** One leg, or none for nothing: a market's token that nobody holds need not be known. Anyone supplies in anyone's name; a debt is one's own. */
function legsOf(raw: bigint, { silo, tokens, address, setAside }: Place): readonly TokenPosition[] {
  if (raw === 0n) return [];
  const token = raw < 0n ? tokenAt(tokens, address) : assetTokenAt(tokens, address, { what: silo, setAside });
  if (token === undefined) return [];
  const { asset, decimals } = token;
  return [{ kind: 'token', venue: NAME, silo, custody: 'observed', asset, amount: { raw, decimals } }];
}

/** Source: Morpho.liquidate: any part of the debt, up to all of it, as soon as the position is unhealthy. */
function ruleOf({ params, position, tokens }: MorphoHolding): LendingRule {
  const terms = {
    threshold: { raw: params.lltv, decimals: 18 },
    bonus: { raw: liquidationBonusWad(params.lltv), decimals: 18 },
  };
  const token = tokens.get(params.collateralToken.toLowerCase());
  const isCounted = position.collateral !== 0n && token !== undefined && !(token instanceof UnknownTokenError);
  const collateral = isCounted ? { [token.asset]: terms } : {};
  return { kind: 'lending', collateral, closeFactor: ONE, fullCloseBelow: ONE };
}
