import type { Address } from 'viem';
import type { z } from 'zod';
import { addressSchema } from '../chain/addressSchema.ts';
import { MarginError } from '../errors.ts';
import type { Position, RangePosition, TokenPosition } from '../portfolio/position.ts';
import { positionTransferAbi } from './abi/uniswapV3.ts';
import { type Figure, requireAgreement } from './agreement.ts';
import { accountsOf, eventsOf } from './holders.ts';
import { venueConfig, venueKind } from './kind.ts';
import { isCountable } from './largestLiquidity.ts';
import { refuseAsset, type SetAside } from './setAside.ts';
import { assetTokenAt, tokenAt } from './tokens.ts';
import { carryUniswapAccounts, readTouched } from './uniswapV3Carry.ts';
import { type Closing, closeAll } from './uniswapV3Math.ts';
import { partsOf } from './uniswapV3Own.ts';
import {
  MAX_POSITIONS,
  readUniswapAccounts,
  type UniswapPosition,
  type UniswapRaw,
  type UniswapSource,
} from './uniswapV3Read.ts';
import type { Venue, VenuePositions } from './venue.ts';

const NAME = 'uniswapV3';

const configSchema = venueConfig({
  /** The NonfungiblePositionManager. */
  positionManager: addressSchema,
});

/** Where it lives on a chain. */
export type UniswapV3Config = z.infer<typeof configSchema>;

declare module '../chain/deployment.ts' {
  interface VenueConfigs {
    readonly uniswapV3?: UniswapV3Config;
  }
}

/** How a deployment names it. */
export const uniswapV3Kind = venueKind({
  kind: 'uniswapV3',
  config: configSchema,
  create: (options: UniswapV3Config, { fromBlock, book }) => [uniswapV3({ fromBlock, ...options, book })],
});

/** Uniswap V3: one silo a position of the NonfungiblePositionManager, with its liquidity and the fees that it has earned. */
export function uniswapV3(source: UniswapSource): Venue<UniswapRaw> {
  const { positionManager: address, fromBlock } = source;
  return {
    name: NAME,
    claims: [
      {
        what: "Uniswap V3's NonfungiblePositionManager",
        address,
        says: 'function name() view returns (string)',
        expected: 'Uniswap V3 Positions NFT-V1',
      },
    ],
    discover: async (chain) => {
      const events = eventsOf(positionTransferAbi);
      return accountsOf(await chain.history({ address, events, fromBlock, keep: ['to'] }), ['to']);
    },
    read: (chain, accounts, isHeld = false) => readUniswapAccounts(chain, { source, accounts, isHeld }),
    toPositions,
    carryForward: {
      touched: (chain, sinceBlock) => readTouched(chain, { source, sinceBlock }),
      carry: (chain, raws) => carryUniswapAccounts(chain, { source, raws }),
    },
  };
}

/** The legs and silos of one account. Pure. */
function toPositions(raw: UniswapRaw, setAside: SetAside = refuseAsset): VenuePositions {
  const { account, count, tokens, holdings, own } = raw;
  if (count > MAX_POSITIONS) setAside(NAME, new TooManyPositionsError({ account, count }));
  for (const { id, token0, token1 } of raw.positions) {
    const named = { what: `${NAME}:${id}`, setAside };
    for (const token of [token0, token1]) if (assetTokenAt(tokens, token, named) === undefined) break;
  }
  if (own instanceof Error) throw own;
  const positions = holdings.map(({ position }) => position);
  const closings = partsOf(holdings).flatMap(closeAll);
  const figures = positions.flatMap(({ id }, i) => figuresOf(id, { own: own?.[i], computed: closings[i] }));
  if (own !== null) requireAgreement({ venue: NAME, account }, figures);
  const legs = positions.map((position, i) => {
    if (!isCountable(position.liquidity, { what: `${NAME}:${position.id}`, setAside })) return [];
    return legsOf(position, { tokens, closing: closings[i] as Closing });
  });
  return {
    positions: legs.flat(),
    silos: positions.flatMap(({ id }, i) =>
      legs[i]?.length === 0 ? [] : [{ id: `${NAME}:${id}`, venue: NAME, rule: { kind: 'owned' } as const }],
    ),
    healths: [],
  };
}

interface Both {
  readonly own: Closing | undefined;
  readonly computed: Closing | undefined;
}

function figuresOf(id: bigint, { own, computed }: Both): readonly Figure[] {
  return ([0, 1] as const).flatMap((i) =>
    (['principal', 'collected'] as const).map((part) => ({
      name: `${part}${i} of position ${id}`,
      own: own?.[part][i] ?? null,
      computed: computed?.[part][i] ?? null,
    })),
  );
}

interface Terms {
  readonly tokens: UniswapRaw['tokens'];
  readonly closing: Closing;
}

/** The liquidity as it is, and what closing gives beyond it: fees are tokens. */
function legsOf(position: UniswapPosition, { tokens, closing }: Terms): readonly Position[] {
  const { id, liquidity, tickLower, tickUpper } = position;
  const home = { venue: NAME, silo: `${NAME}:${id}`, custody: 'observed' } as const;
  const [first, second] = [tokenAt(tokens, position.token0), tokenAt(tokens, position.token1)];
  const fees = [first, second].map(({ asset, decimals }, i): TokenPosition => {
    const raw = (closing.collected[i] as bigint) - (closing.principal[i] as bigint);
    return { kind: 'token', ...home, asset, amount: { raw, decimals } };
  });
  const range: RangePosition = {
    ...{ kind: 'range', ...home, token0: first.asset, token1: second.asset },
    ...{ decimals0: first.decimals, decimals1: second.decimals, tickLower, tickUpper },
    amount: { raw: liquidity, decimals: 0 },
  };
  return [range, ...fees].filter(({ amount }) => amount.raw !== 0n);
}

/** An account with so many positions that reading them would hold up everybody else. */
export class TooManyPositionsError extends MarginError {
  readonly code = 'TooManyPositionsError';
  readonly account: Address;
  readonly count: number;

  constructor(fields: { readonly account: Address; readonly count: number }) {
    super(
      `${fields.account} holds ${fields.count} positions of Uniswap V3, and of more than ${MAX_POSITIONS} none is read. Leave the account out, or have it burn those that are empty and send the others away.`,
    );
    this.account = fields.account;
    this.count = fields.count;
  }
}
