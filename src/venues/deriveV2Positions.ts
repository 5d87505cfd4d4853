import { isAddressEqual } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { deriveAssetAbi, deriveFeedAbi } from './abi/deriveV2.ts';
import type { DeriveShared } from './deriveV2Markets.ts';
import { decodeSubId } from './deriveV2Math.ts';
import type { DeriveOption, DerivePerp, Stored } from './deriveV2Read.ts';

/** Whose positions are read. */
export interface Held {
  readonly shared: DeriveShared;
  readonly stored: readonly Stored[];
}

/** Every perp that is held, and every one in which something is left: closing a position can leave profit behind that no balance shows. */
export async function readPerpPositions(
  chain: PinnedChain,
  { shared, stored }: Held,
): Promise<readonly (readonly DerivePerp[])[]> {
  const perps = [...shared.assets.values()].flatMap((asset) => (asset.kind === 'perp' ? [asset] : []));
  const pairs = stored.flatMap((subaccount) => perps.map((asset) => ({ subaccount, asset })));
  const calls = (which: typeof pairs, functionName: string) =>
    which.map(({ subaccount, asset: { address } }): ContractRead => {
      return { address, abi: deriveAssetAbi, functionName, args: [subaccount.id] };
    });
  const positions = (await chain.read(calls(pairs, 'positions'))) as readonly (readonly bigint[])[];
  const found = pairs.map((pair, i) => {
    const [lastMarkPrice, funding, pnl, lastAggregatedFunding] = positions[i] as [bigint, bigint, bigint, bigint];
    const size = pair.subaccount.balances.find(({ asset }) => isAddressEqual(asset, pair.asset.address))?.balance ?? 0n;
    return { ...pair, size, stored: { lastMarkPrice, funding, pnl, lastAggregatedFunding } };
  });
  const open = found.filter(({ size }) => size !== 0n);
  const own = await chain.readEach(calls(open, 'getUnsettledAndUnrealizedCash'));
  return stored.map((of) =>
    found
      .filter(({ subaccount }) => subaccount === of)
      .filter(({ size, stored: { pnl, funding } }) => size !== 0n || pnl !== 0n || funding !== 0n)
      .map((perp) => {
        const answer = own[open.indexOf(perp as (typeof open)[number])];
        return {
          asset: perp.asset,
          size: perp.size,
          stored: perp.stored,
          own: typeof answer === 'bigint' ? answer : null,
        };
      }),
  );
}

/** Every option that is held and whose series can be read, with its settlement. */
export async function readOptions(
  chain: PinnedChain,
  { shared, stored }: Held,
): Promise<readonly (readonly DeriveOption[])[]> {
  const held = stored.map(({ balances }) =>
    balances.flatMap(({ asset: address, subId, balance }) => {
      const asset = shared.assets.get(address.toLowerCase());
      const series = decodeSubId(subId);
      return asset?.kind === 'option' && series !== undefined ? [{ asset, series, subId, balance }] : [];
    }),
  );
  const expired = held.flat().filter(({ series }) => series.expiry <= shared.time);
  const prices = (await chain.read(
    expired.map(({ asset, series }) => ({
      ...{ address: asset.settlementFeed, abi: deriveFeedAbi, functionName: 'getSettlementPrice' },
      args: [BigInt(series.expiry)],
    })),
  )) as readonly (readonly [boolean, bigint])[];
  const settled = expired.flatMap((option, i) => {
    const [isSettled, price] = prices[i] as readonly [boolean, bigint];
    return isSettled ? [{ option, price }] : [];
  });
  const own = (await chain.read(
    settled.map(({ option: { asset, subId, balance } }) => ({
      ...{ address: asset.address, abi: deriveAssetAbi, functionName: 'calcSettlementValue' },
      args: [subId, balance],
    })),
  )) as readonly (readonly [bigint, boolean])[];
  const known = new Map(settled.map(({ option, price }, i) => [option, { price, own: own[i]?.[0] as bigint }]));
  return held.map((options) =>
    options.map((option) => {
      const { asset, series, balance } = option;
      return { asset, series, balance, settled: known.get(option) ?? null };
    }),
  );
}
