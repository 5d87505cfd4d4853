import { join } from 'node:path';
import type { Address } from 'viem';
import { startPlayer } from '../../../scripts/recording/player.ts';
import { loadRecording, type Recording } from '../../../scripts/recording/recording.ts';
import { connect } from '../../../src/chain/connect.ts';
import type { Deployment } from '../../../src/chain/deployment.ts';
import { pin } from '../../../src/chain/pin.ts';
import type { PinnedChain } from '../../../src/chain/pinnedChain.ts';
import { deriveV2 } from '../../../src/venues/deriveV2.ts';
import { configSchema, type DeriveV2Config } from '../../../src/venues/deriveV2Config.ts';
import { tokenBook } from '../../../src/venues/tokens.ts';

/** What the recording says must come out of one subaccount. */
export interface ExpectedSubaccount {
  readonly subAccountId: string;
  readonly label: string | null;
  readonly beneficialOwner: Address;
  readonly managerKind: 'SRM' | 'PMRM' | 'PMRM_2';
  readonly cash: { readonly stored: string; readonly withInterest: string };
  readonly base: readonly { readonly name: string; readonly balance18: string }[];
  readonly options: readonly {
    readonly name: string;
    readonly expiry: string;
    readonly strike: string;
    readonly isCall: boolean;
    readonly balance: string;
    readonly forward: string;
    readonly vol: string;
    readonly settlement: { readonly payout: string; readonly settled: boolean };
  }[];
  readonly perps: readonly {
    readonly name: string;
    readonly balance: string;
    readonly unsettledAndUnrealizedCash: string;
  }[];
  readonly venue: Readonly<Record<string, unknown>>;
}

/** The recording of Derive v2. */
export interface DeriveRecording extends Recording {
  readonly contracts: Readonly<Record<string, Address>>;
  readonly wallets: Readonly<Record<string, Address>>;
  readonly expected: Readonly<Record<string, ExpectedSubaccount>>;
}

export const FILE = join(import.meta.dirname, '../../fixtures/recorded/derive-v2.json');

export const loadDerive = () => loadRecording<DeriveRecording>(FILE);

/** The deployment of the recorded contracts. Prices are those of the venue's own feeds, as a file states them. */
export function deploymentOf({ contracts, chainId, block }: DeriveRecording): Deployment {
  const at = (name: string) => contracts[name] as Address;
  const market = (name: string) => ({
    option: at(`${name}.option`),
    perp: at(`${name}.perp`),
    base: [at(`${name}.base`)],
  });
  const venue = configSchema.parse({
    subAccounts: at('SubAccounts'),
    matching: at('Matching'),
    cash: at('CashAsset'),
    managers: {
      standard: [at('StandardManager')],
      portfolio: [at('ETH.pmrm'), at('BTC.pmrm')],
      portfolio2: [at('ETH.pmrm2.pmrm2')],
    },
    markets: { ETH: market('ETH'), BTC: market('BTC') },
  }) as DeriveV2Config;
  const file = [{ kind: 'file', maxAgeSeconds: 0 }] as const;
  const usd = (raw: bigint) => ({ usd: { raw, decimals: 3 }, confidence: { raw: 1n, decimals: 0 } });
  return {
    chainId,
    fromBlock: 0,
    assets: {
      USDC: { sources: file, tokens: [at('USDC')], peg: 'USD' },
      ETH: { sources: file, tokens: [at('WETH')] },
      BTC: { sources: file, tokens: [at('WBTC')] },
    },
    venues: { deriveV2: venue },
    watch: [],
    statedPrices: {
      asOf: block.timestamp,
      prices: { USDC: usd(985n), ETH: usd(2_450_000n), BTC: usd(92_500_000n) },
    },
  };
}

/** Plays a recording to a venue. */
export async function playDerive(recording: DeriveRecording, change: Partial<DeriveV2Config> = {}) {
  const player = await startPlayer(recording);
  const chain: PinnedChain = await pin(await connect({ url: player.url }));
  const deployment = deploymentOf(recording);
  const { assets, fromBlock, venues } = deployment;
  const config = { ...(venues.deriveV2 as DeriveV2Config), ...change };
  const venue = deriveV2({ ...config, fromBlock, book: tokenBook(assets) });
  return { player, chain, venue, deployment: { ...deployment, venues: { deriveV2: config } } };
}
