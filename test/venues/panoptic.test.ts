import type { Address } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatPortfolio } from '../../src/book/formatBook.ts';
import { parseBook } from '../../src/book/parseBook.ts';
import type { PinnedChain } from '../../src/chain/pinnedChain.ts';
import { readInputs } from '../../src/engine/inputs.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { assessSilo } from '../../src/engine/silos/silo.ts';
import { mulDivUp } from '../../src/units/wad.ts';
import { requireIdentity } from '../../src/venues/identity.ts';
import { type AccountPositions, createVenues, readAccounts, readEachAccount } from '../../src/venues/index.ts';
import { type AccountView, viewOf } from '../../src/venues/panopticAccount.ts';
import { chunkId } from '../../src/venues/panopticChunks.ts';
import { amountsAtPrice, liquidityOf, movedOf } from '../../src/venues/panopticMath.ts';
import type { PanopticHolding, PanopticRaw } from '../../src/venues/panopticRead.ts';
import { crossAt, V1_PARAMETERS } from '../../src/venues/panopticRequirement.ts';
import { healthOfV2 } from '../../src/venues/panopticRule.ts';
import { chunkKeyOf } from '../../src/venues/panopticTokenId.ts';
import type { Venue } from '../../src/venues/venue.ts';
import {
  deploymentOf,
  type ExpectedAccount,
  type LeftRight,
  loadPanoptic,
  type PanopticRecording,
  play,
  RECORDINGS,
} from './support/panopticWorld.ts';

const pairOf = ({ right, left }: LeftRight) => [BigInt(right), BigInt(left)];

describe.each(RECORDINGS)('%s', (name) => {
  let recording: PanopticRecording;
  let player: Awaited<ReturnType<typeof play>>['player'];
  let chain: PinnedChain;
  let venue: Venue<PanopticRaw>;
  let raws: readonly PanopticRaw[];
  const isV2 = name === 'panoptic-v2';

  beforeAll(async () => {
    recording = await loadPanoptic(name);
    ({ player, chain } = await play(recording));
    [venue] = createVenues(deploymentOf(recording)) as unknown as [Venue<PanopticRaw>];
    raws = await venue.read(chain, Object.values(recording.wallets));
  });
  afterAll(() => player.stop());

  /** Every account of the recording in every pool, with what was read and what must come out. */
  function each(): readonly {
    holding: PanopticHolding;
    view: AccountView;
    expected: ExpectedAccount;
    raw: PanopticRaw;
  }[] {
    const { accounts, markets } = recording.expected;
    return Object.values(accounts).flatMap((pools) =>
      Object.entries(pools).map(([market, expected]) => {
        const raw = raws.find(({ account }) => account === expected.wallet) as PanopticRaw;
        const pool = markets[market]?.panopticPool;
        const holding = raw.holdings.find(({ state }) => state.pool.address === pool) as PanopticHolding;
        const view = viewOf(holding, { timestamp: raw.timestamp, parameters: V1_PARAMETERS });
        return { holding, view, expected, raw };
      }),
    );
  }

  test('default: every position of every account, decoded leg by leg, with its size', () => {
    expect(each().length).toBe(11);
    for (const { holding, expected } of each()) {
      const ids = holding.positions.map(({ id }) => id.toString()).sort();
      expect(ids).toEqual(expected.positions.map(({ tokenId }) => tokenId).sort());
      for (const { id, legs, balance } of holding.positions) {
        const right = expected.positions.find(({ tokenId }) => tokenId === id.toString());
        expect(BigInt.asUintN(128, balance).toString()).toBe(right?.positionSize);
        const decoded = legs.map(({ leg }, i) => ({
          ...{ ...leg, optionRatio: Number(leg.optionRatio), isLong: Number(leg.isLong) },
          ...(right?.legs[i]?.chunkKey && { chunkKey: chunkKeyOf(leg) }),
        }));
        expect(decoded).toMatchObject((right?.legs ?? []).map(({ kind: _, ...leg }) => leg));
      }
    }
  });

  test('default: shares, what they are worth, interest and premia to the last unit', () => {
    for (const { holding, view, expected } of each()) {
      for (const t of [0, 1] as const) {
        const right = expected[`collateralToken${t}`];
        expect(holding.balances[t].shares.toString()).toBe(right.shares);
        expect(view.assets[t].toString()).toBe(right.assets);
        expect(view.interest[t].toString()).toBe(right.owedInterest ?? '0');
        expect(holding.balances[t].netBorrows.toString()).toBe(right.netBorrows ?? '0');
      }
      holding.positions.forEach(({ id }, i) => {
        const right = expected.positions.find(({ tokenId }) => tokenId === id.toString())?.premium;
        const legs = view.closings[i]?.legs ?? [];
        const sum = (isLong: boolean, of: 'owed' | 'available') =>
          [0, 1].map((t) => legs.reduce((all, leg) => all + (leg.isLong === isLong ? (leg[of][t] as bigint) : 0n), 0n));
        expect(sum(false, 'owed')).toEqual(pairOf(right?.shortIncludingPending as LeftRight));
        expect(sum(false, 'available')).toEqual(pairOf(right?.shortAvailable as LeftRight));
        expect(sum(true, 'owed')).toEqual(pairOf(right?.longOwed as LeftRight));
      });
    }
  });

  test('default: what the legs are is what closing gives: collateral, liquidity at the price, what was moved, premium less fee', () => {
    for (const { holding, view, raw } of each()) {
      const { positions } = venue.toPositions({ ...raw, holdings: [holding], direct: [] });
      const tokens = ['USDC', 'ETH'].map((asset) =>
        positions.reduce((all, one) => all + (one.kind === 'token' && one.asset === asset ? one.amount.raw : 0n), 0n),
      );
      const flows = holding.positions.flatMap(({ legs }) => legs);
      const inRanges = [0, 1].map((t) =>
        flows.reduce((all, leg) => {
          const amount = amountsAtPrice(leg, holding.state.sqrtPriceX96)[t] as bigint;
          return leg.leg.isLong ? all - amount : all + amount;
        }, 0n),
      );
      const credits = [0, 1].map((t) => view.closings.reduce((all, { credit }) => all + (credit[t] as bigint), 0n));
      for (const t of [0, 1] as const) {
        const closed = view.assets[t] - view.interest[t] + (credits[t] as bigint);
        expect((tokens[t] as bigint) + (inRanges[t] as bigint)).toBe(closed);
      }
      const ranges = positions.filter(({ kind }) => kind === 'range').map(({ amount }) => amount.raw);
      const liquidity = flows
        .filter(({ leg }) => leg.width > 0)
        .map((leg) => (leg.leg.isLong ? -liquidityOf(leg) : liquidityOf(leg)));
      expect(ranges).toEqual(liquidity);
    }
  });

  test('behavior: out of the money a position is its premium: what it moved and what its range holds cancel to the last units', () => {
    let count = 0;
    for (const { holding, view } of each()) {
      holding.positions.forEach(({ legs }, i) => {
        const { tick } = holding.state;
        const isOut = legs.every(
          ({ leg }) => leg.width > 0 && (leg.tokenType === 1 ? tick >= leg.tickUpper : tick < leg.tickLower),
        );
        const { flow, moved } = view.closings[i] as AccountView['closings'][number];
        if (!isOut) return;
        count += 1;
        for (const t of [0, 1] as const) {
          const rest = flow[t] + moved[t];
          // A leg is whole units of liquidity, which are worth a few units of token 1.
          const most = 2n * BigInt(legs.length) + (moved[t] < 0n ? -moved[t] : moved[t]) / 10n ** 15n;
          expect(rest <= most && rest >= -most, `${flow[t]} ${moved[t]}`).toBe(true);
        }
      });
    }
    expect(count).toBeGreaterThan(5);
  });

  test('behavior: the liquidity of all sold legs less that of the bought ones is what the manager has in the market', () => {
    const chunks = new Map<string, { net: bigint; removed: bigint; sold: bigint; bought: bigint }>();
    for (const { holding } of each()) {
      for (const held of holding.positions.flatMap(({ legs }) => legs)) {
        const { leg, chunk } = held;
        if (chunk === null) continue;
        const key = chunkId({ state: holding.state, owner: holding.state.pool.address, leg });
        const one = chunks.get(key) ?? { ...chunk, sold: 0n, bought: 0n };
        const liquidity = liquidityOf(held);
        chunks.set(
          key,
          leg.isLong ? { ...one, bought: one.bought + liquidity } : { ...one, sold: one.sold + liquidity },
        );
      }
    }
    expect(chunks.size).toBeGreaterThan(8);
    for (const { net, removed, sold, bought } of chunks.values())
      expect([sold - bought, bought]).toEqual([net, removed]);
  });

  test("default: balance and requirement at every tick of the pool's oracle", () => {
    for (const { view, holding, expected } of each()) {
      if (holding.positions.length === 0) continue;
      for (const margins of view.margins) {
        const right = Object.values(expected.margin).find(({ tick }) => tick === margins.tick);
        for (const t of [0, 1] as const) {
          const { balance, required, right: low, left: high } = right?.[`token${t}`] ?? {};
          expect([margins.balance[t].toString(), margins.required[t].toString()]).toEqual([
            balance ?? low,
            required ?? high,
          ]);
        }
      }
      expect(view.margins.length).toBe(new Set(holding.state.oracleTicks).size);
    }
  });

  test('default: whether the pool lets an account withdraw, by its buffer over the requirement', () => {
    const verdicts = each()
      .filter(({ holding }) => holding.positions.length > 0)
      .map(({ view, holding, expected }) => {
        const [current, fast, slow, last] = holding.state.oracleTicks;
        const apart = (fast - slow) ** 2 + (last - slow) ** 2 + (current - slow) ** 2 > (isV2 ? 724 : 953) ** 2;
        const all = view.margins.filter(({ tick }) => tick === fast || apart);
        const isSolvent = all.every((margins) => {
          const buffered = ([0, 1] as const).map((t) => mulDivUp(margins.required[t], 10_666_667n, 10_000_000n));
          const required = [buffered[0] as bigint, buffered[1] as bigint] as const;
          if (isV2) return (healthOfV2({ ...margins, required }, holding.state) as bigint) >= 10n ** 18n;
          const crossed = crossAt(margins, margins.tick);
          return crossed.balance >= mulDivUp(crossed.required, 13_333n, 10_000n);
        });
        const right = isV2 ? expected['withdrawable(usePremia=true)'] : expected.withdrawable;
        expect(isSolvent).toBe(right === true);
        return isSolvent;
      });
    expect(verdicts.filter((isSolvent) => !isSolvent).length).toBe(1);
  });

  test('default: health is below 1 for who can be liquidated, and for nobody else', () => {
    const healths = raws.flatMap((raw) =>
      venue.toPositions(raw).healths.map((health) => ({ ...health, account: raw.account })),
    );
    const poor = healths.filter(({ healthOwnWad }) => (healthOwnWad as bigint) < 10n ** 18n);
    expect(poor.map(({ account }) => account)).toEqual(isV2 ? [] : [recording.wallets.grace]);
    expect(healths.length).toBe(8);
    for (const { healthOwnWad, healthComputedWad } of healths) {
      expect(healthOwnWad).not.toBeNull();
      if (!isV2) expect(healthComputedWad).toBe(healthOwnWad);
    }
    if (!isV2) return;
    for (const { holding, expected } of each()) {
      for (const margins of holding.margins) {
        const right = Object.values(expected.margin).find(({ tick }) => tick === margins.tick);
        const { solventAt100pct } = right as unknown as { solventAt100pct: boolean };
        expect((healthOfV2(margins, holding.state) as bigint) >= 10n ** 18n).toBe(solventAt100pct);
      }
    }
  });

  test("behavior: the engine's silo asks for what the pool asks for, at the pool's own price", () => {
    for (const { holding, view, raw } of each()) {
      const { positions, silos } = venue.toPositions({ ...raw, holdings: [holding], direct: [] });
      if (holding.positions.length === 0) continue;
      const inputs = readInputs({
        portfolio: { positions, silos },
        market: { assets: {}, perps: {}, expiries: [], vols: [] } as never,
      });
      const [silo] = inputs.silos;
      const margins = view.margins[0] as (typeof view.margins)[number];
      const price = 1.0001 ** margins.tick / 1e12;
      const state = {
        legs: [],
        valuesUsd: [],
        spotUsd: (asset: string) => (asset === 'ETH' ? 1 / price : 1),
        volOf: () => 0,
        factorOf: (asset: string) => asset,
      };
      const { health } = assessSilo(silo as NonNullable<typeof silo>, state);
      const { balance, required } = crossAt(margins, margins.tick);
      const own = Number(balance) / Number(required);
      if (isV2) expect(health as number).toBeLessThanOrEqual(own * (1 + 1e-6));
      else expect((health as number) / own).toBeCloseTo(1, 5);
    }
  });

  test("behavior: at the pool's price the engine's equity is what closing gives, and it is never more at another", () => {
    for (const { holding, view, raw } of each()) {
      const legs = venue.toPositions({ ...raw, holdings: [holding], direct: [] });
      const usd = 1e12 / (Number(holding.state.sqrtPriceX96) / 2 ** 96) ** 2;
      const equityAt = (ethUsd: number) => {
        const market = {
          assets: {
            ETH: { usd: ethUsd, confidence: 1, vol: 0.8 },
            USDC: { usd: 1, confidence: 1, peg: 'USD', vol: 0.1 },
          },
        };
        const parts = { asOf: raw.timestamp, model: 'crossmargin-1', market, ...formatPortfolio(legs) };
        return computeMargin(parseBook(parts)).equityUsd;
      };
      const credit = (t: 0 | 1) =>
        view.closings.reduce((all, closing) => all + closing.credit[t], view.assets[t] - view.interest[t]);
      const closed = (ethUsd: number) => Number(credit(0)) / 1e6 + (Number(credit(1)) / 1e18) * ethUsd;
      expect(equityAt(usd)).toBeCloseTo(closed(usd), 3);
      const isSeller = holding.positions.every(({ legs: own }) => own.every(({ leg }) => !leg.isLong));
      if (isSeller) expect(equityAt(usd * 1.2)).toBeLessThan(closed(usd * 1.2) + 1e-3);
    }
  });

  test('behavior: v2 borrows what its sold legs move, less what its bought ones do, as they were rounded when opened', () => {
    for (const { holding, raw } of each()) {
      if (!isV2) return;
      // Who has closed a position owes a unit that was rounded up when it was opened, and down when it was closed.
      const closed = raw.account === recording.wallets.frank ? 1n : 0n;
      for (const t of [0, 1] as const) {
        const moved = holding.positions
          .flatMap(({ legs }) => legs)
          .filter(({ leg }) => leg.tokenType === t)
          .reduce((all, held) => {
            const amount = movedOf(held, !held.leg.isLong || held.leg.width === 0);
            return held.leg.isLong ? all - amount : all + amount;
          }, 0n);
        const rest = holding.balances[t].netBorrows - moved;
        expect(rest === 0n || rest === closed, `${rest}`).toBe(true);
      }
    }
  });

  test('behavior: one by one, in another order and again, the same', async () => {
    const deployment = deploymentOf(recording);
    const accounts = Object.values(recording.wallets);
    const all = await readAccounts(chain, { deployment, accounts });
    const reversed = await readAccounts(chain, { deployment, accounts: [...accounts].reverse() });
    expect([...reversed].reverse()).toEqual(all);
    for (const one of all) expect(await readAccounts(chain, { deployment, accounts: [one.account] })).toEqual([one]);
    const first = recording.wallets.alice as Address;
    const lower = first.toLowerCase() as Address;
    const [one, two, three] = await readAccounts(chain, { deployment, accounts: [first, lower, first] });
    expect(three).toEqual(one);
    expect(two).toEqual({ ...one, account: lower });
    expect(player.missing).toEqual([]);
  });

  test('behavior: discovery finds whoever has shares, a position or liquidity of their own', async () => {
    const found = await venue.discover(chain);
    const holders = raws.filter((raw) => venue.toPositions(raw).positions.length > 0).map(({ account }) => account);
    expect(holders.filter((account) => !found.includes(account))).toEqual([]);
    expect(found).not.toContain(recording.contracts['A.panopticPool']);
  });

  test('behavior: one silo a pool, one for liquidity at the manager itself, each with a leg; only the pools that are named', async () => {
    const [plp] = await readAccounts(chain, {
      deployment: deploymentOf(recording),
      accounts: [recording.wallets.plp as Address],
    });
    const [a, b] = [recording.contracts['A.panopticPool'], recording.contracts['B.panopticPool']] as [Address, Address];
    expect((plp as AccountPositions).silos).toEqual(
      [a, b].map((pool) => ({ id: `panoptic:${pool}`, venue: 'panoptic', rule: { kind: 'owned' } })),
    );
    const deployment = deploymentOf(recording, { pools: [b] });
    await expect(requireIdentity(chain, { ...deployment, assets: {} })).resolves.toBeUndefined();
    const { read } = await readEachAccount(chain, { deployment, accounts: [recording.wallets.plp as Address] });
    expect(read[0]?.silos.map(({ id }) => id)).toEqual([`panoptic:${b}`]);
  });

  test('default: liquidity at the position manager itself is a range and its fees, and the pool has no part in it', () => {
    const direct = recording.expected.sfpmDirect ?? [];
    expect(raws.flatMap((raw) => raw.direct.map(({ account }) => account))).toEqual(direct.map(({ wallet }) => wallet));
    for (const { wallet } of direct) {
      const raw = raws.find(({ account }) => account === wallet) as PanopticRaw;
      const [one] = raw.direct;
      expect(one?.legs.map(({ liquidity }) => liquidity > 0n)).toEqual([true]);
      const { positions, silos } = venue.toPositions({ ...raw, holdings: [] });
      expect(positions.map(({ kind }) => kind)).toEqual(['range', 'token', 'token']);
      expect(silos.map(({ rule }) => rule)).toEqual([{ kind: 'owned' }]);
    }
  });
});
