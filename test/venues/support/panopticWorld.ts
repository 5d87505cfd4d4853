import { join } from 'node:path';
import type { Address } from 'viem';
import { startPlayer } from '../../../scripts/recording/player.ts';
import { loadRecording, type Recording } from '../../../scripts/recording/recording.ts';
import { connect } from '../../../src/chain/connect.ts';
import type { Deployment } from '../../../src/chain/deployment.ts';
import { pin } from '../../../src/chain/pin.ts';
import type { PanopticConfig } from '../../../src/venues/panoptic.ts';

/** Two tokens at once, as the recordings write them. */
export interface LeftRight {
  readonly right: string;
  readonly left: string;
}

/** What a recording says of one position. */
export interface ExpectedPosition {
  readonly tokenId: string;
  readonly positionSize: string;
  readonly legs: readonly ExpectedLeg[];
  readonly premium: {
    readonly shortIncludingPending: LeftRight;
    readonly shortAvailable: LeftRight;
    readonly longOwed: LeftRight;
  };
}

export interface ExpectedLeg {
  readonly asset: number;
  readonly optionRatio: number;
  readonly isLong: number;
  readonly tokenType: number;
  readonly riskPartner: number;
  readonly strike: number;
  readonly width: number;
  readonly tickLower: number;
  readonly tickUpper: number;
  readonly chunkKey?: string;
  readonly kind?: string;
}

interface ExpectedTracker {
  readonly shares: string;
  readonly assets: string;
  readonly owedInterest?: string;
  readonly netBorrows?: string;
}

interface ExpectedMargin {
  readonly tick: number;
  readonly token0: Readonly<Record<string, string>>;
  readonly token1: Readonly<Record<string, string>>;
}

/** What a recording says of one account in one pool. */
export interface ExpectedAccount {
  readonly wallet: Address;
  readonly positions: readonly ExpectedPosition[];
  readonly collateralToken0: ExpectedTracker;
  readonly collateralToken1: ExpectedTracker;
  readonly positionsHash: string;
  readonly withdrawable?: true | { readonly revert: string };
  readonly 'withdrawable(usePremia=true)'?: true | { readonly revert: string };
  readonly margin: Readonly<Record<string, ExpectedMargin>>;
}

/** A recording of Panoptic. */
export interface PanopticRecording extends Recording {
  readonly contracts: Readonly<Record<string, Address>>;
  readonly wallets: Readonly<Record<string, Address>>;
  readonly expected: {
    readonly markets: Readonly<
      Record<string, { readonly panopticPool: Address; readonly ticks: Readonly<Record<string, number>> }>
    >;
    readonly accounts: Readonly<Record<string, Readonly<Record<string, ExpectedAccount>>>>;
    readonly sfpmDirect?: readonly { readonly wallet: Address; readonly tokenId: string; readonly size: string }[];
  };
}

/** The recordings, by version. */
export const RECORDINGS = ['panoptic-v1', 'panoptic-v1.1', 'panoptic-v2'] as const;

/** One of them. */
export function loadPanoptic(name: string): Promise<PanopticRecording> {
  return loadRecording<PanopticRecording>(join(import.meta.dirname, `../../fixtures/recorded/${name}.json`));
}

/** Where everything is in a recording. */
export function deploymentOf(
  { chainId, contracts }: PanopticRecording,
  more: Partial<PanopticConfig> = {},
): Deployment {
  const { PanopticFactory, PanopticFactoryV3, SFPM, PoolManager, USDC, WETH } = contracts;
  const factory = (PanopticFactory ?? PanopticFactoryV3) as Address;
  const place = { factory, positionManager: SFPM as Address, ...(PoolManager && { uniswapV4: PoolManager }) };
  const feed = '0x00000000000000000000000000000000000000Fe';
  const assetOf = (token: Address | undefined) => ({
    sources: [{ kind: 'chainlink', feed, maxAgeSeconds: 3_600 }],
    tokens: [token as Address],
  });
  return {
    chainId,
    fromBlock: 0,
    assets: { ETH: assetOf(WETH), USDC: assetOf(USDC) },
    venues: { panoptic: { factories: [place], ...more } },
    watch: [],
  } as unknown as Deployment;
}

/** A node that knows a recording, pinned at its block. */
export async function play(recording: Recording) {
  const player = await startPlayer(recording);
  return { player, chain: await pin(await connect({ url: player.url })) };
}
