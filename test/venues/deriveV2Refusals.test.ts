import { type Address, type Hex, hexToBigInt, parseAbi } from 'viem';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  cashAssetAbi,
  deriveAssetAbi,
  deriveFeedAbi,
  managerAbi,
  portfolioManagerAbi,
  scenariosAbi,
  standardManagerAbi,
  subAccountsAbi,
} from '../../src/venues/abi/deriveV2.ts';
import type { DeriveV2Config } from '../../src/venues/deriveV2Config.ts';
import { perpCash } from '../../src/venues/deriveV2Math.ts';
import { requireIdentity } from '../../src/venues/identity.ts';
import { readEachAccount } from '../../src/venues/index.ts';
import { withAnswer, withRevert } from './support/deriveChange.ts';
import { type DeriveRecording, loadDerive, playDerive } from './support/deriveRecording.ts';

let recording: DeriveRecording;
let owners: readonly Address[];

beforeAll(async () => {
  recording = await loadDerive();
  owners = [...new Set(Object.values(recording.expected).map(({ beneficialOwner }) => beneficialOwner))];
});

const at = (name: string) => recording.contracts[name] as Address;
const wallet = (name: string) => recording.wallets[name] as Address;
const ODD: Address = '0x00000000000000000000000000000000000000Ad';

async function readOther(changed: DeriveRecording, { config = {}, tokens = true } = {}) {
  const { player, chain, deployment } = await playDerive(changed, config as Partial<DeriveV2Config>);
  const assets = tokens ? deployment.assets : { USDC: deployment.assets.USDC, ETH: deployment.assets.ETH };
  try {
    return await readEachAccount(chain, {
      deployment: { ...deployment, assets } as typeof deployment,
      accounts: owners,
    });
  } finally {
    player.stop();
  }
}

/** Exactly these are refused, each with the error; everybody else is read as before. */
async function requireRefused(names: readonly string[], code: string, ...of: Parameters<typeof readOther>) {
  const before = await readOther(recording);
  const { read, refused } = await readOther(...of);
  expect(refused.map(({ account, error }) => [account, error.code]).sort()).toEqual(
    names.map((name) => [wallet(name), code]).sort(),
  );
  expect(read).toEqual(before.read.filter(({ account }) => !names.some((name) => wallet(name) === account)));
  return refused[0]?.error;
}

const subAccounts = (functionName: string, id: bigint) => {
  return { to: at('SubAccounts'), abi: subAccountsAbi, functionName, args: [id] };
};
const holding = (asset: Address, subId: bigint) => [{ asset, subId, balance: 10n ** 18n }];

describe('deriveV2 refuses by name', () => {
  test('default: nobody of the recording', async () => {
    expect((await readOther(recording)).refused).toEqual([]);
  });

  test('error: UnknownDeriveAssetError, whoever holds an asset that the deployment does not name', async () => {
    const changed = withAnswer(recording, subAccounts('getAccountBalances', 17n), holding(ODD, 0n));
    const error = await requireRefused(['grace'], 'UnknownDeriveAssetError', changed);
    expect(error).toMatchObject({ subaccount: 17n, asset: ODD, account: wallet('grace') });
  });

  test('error: UnknownDeriveAssetError, for a market that the deployment leaves out', async () => {
    const { player, deployment } = await playDerive(recording);
    player.stop();
    const { ETH } = deployment.venues.deriveV2.markets;
    const { refused } = await readOther(recording, { config: { markets: { ETH } } });
    expect(refused.map(({ account, error }) => [account, error.code])).toEqual([
      [wallet('alice'), 'UnknownDeriveAssetError'],
      [wallet('bob'), 'UnknownDeriveAssetError'],
    ]);
  });

  test('error: UnknownDeriveManagerError, whoever is under a manager that the deployment does not name', async () => {
    await requireRefused(
      ['grace'],
      'UnknownDeriveManagerError',
      withAnswer(recording, subAccounts('manager', 17n), ODD),
    );
  });

  test('error: OtherDeriveMarketError, for an asset that the own manager does not list', async () => {
    const options = holding(at('BTC.option'), 36507436764366574598400n);
    const changed = withAnswer(recording, subAccounts('getAccountBalances', 16n), options);
    await requireRefused(
      ['alice'],
      'OtherDeriveMarketError',
      withAnswer(changed, cash('calculateBalanceWithInterest', 16n), 0n),
    );
  });

  test('error: DeriveSubIdError, for a sub id with a bit that means nothing', async () => {
    for (const [asset, subId] of [
      ['ETH.option', 1n << 96n],
      ['ETH.option', 0n],
      ['ETH.perp', 5n],
      ['ETH.base', 1n],
      ['CashAsset', 1n],
    ] as const) {
      const changed = withAnswer(recording, subAccounts('getAccountBalances', 17n), holding(at(asset), subId));
      const { refused } = await readOther(changed);
      expect(refused.map(({ account, error }) => [account, error.code])).toEqual([
        [wallet('grace'), 'DeriveSubIdError'],
      ]);
    }
  });

  test('error: UnknownTokenError, whoever holds collateral whose token is no asset of the deployment', async () => {
    const { refused } = await readOther(recording, { tokens: false });
    expect(refused.map(({ account, error }) => [account, error.code])).toEqual([
      [wallet('alice'), 'UnknownTokenError'],
    ]);
  });

  test('error: DerivePerpPriceError, whoever has a perp whose feeds are stale', async () => {
    const perp = (functionName: string) => ({ to: at('BTC.perp'), abi: deriveAssetAbi, functionName });
    for (const view of ['getIndexPrice', 'getPerpPrice', 'getImpactPrices'])
      await requireRefused(['alice', 'bob'], 'DerivePerpPriceError', withRevert(recording, perp(view)));
  });

  test('error: DeriveMarketError, where the manager knows an asset as another kind', async () => {
    const question = { to: at('StandardManager'), abi: standardManagerAbi, functionName: 'assetDetails' };
    const detail = { isWhitelisted: true, assetType: 2, marketId: 1n };
    const { read, refused } = await readOther(withAnswer(recording, { ...question, args: [at('ETH.option')] }, detail));
    expect(read).toEqual([]);
    expect(new Set(refused.map(({ error }) => error.code))).toEqual(new Set(['DeriveMarketError']));
  });

  test('error: UnknownDeriveScenarioError, for a shock that no known manager has', async () => {
    const question = { to: at('ETH.pmrm'), abi: scenariosAbi, functionName: 'getScenarios' };
    const changed = withAnswer(recording, question, [{ spotShock: 10n ** 18n, volShock: 9 }]);
    await requireRefused(['alice', 'carol'], 'UnknownDeriveScenarioError', changed);
  });

  test('error: NotDeployedError, where the deployment names another contract for one of them', async () => {
    const abi = parseAbi(['function accId() view returns (uint256)']);
    const other = withRevert(recording, { to: at('ETH.pmrm'), abi, functionName: 'accId' });
    const [right, wrong] = [await playDerive(recording), await playDerive(other)];
    try {
      await requireIdentity(right.chain, right.deployment);
      await expect(requireIdentity(wrong.chain, wrong.deployment)).rejects.toMatchObject({ code: 'NotDeployedError' });
    } finally {
      right.player.stop();
      wrong.player.stop();
    }
  });

  test('error: MissingTransfersError, where the logs do not have every subaccount', async () => {
    const TRANSFER = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';
    const isMint = ({ topics }: { readonly topics: readonly Hex[] }) => {
      return topics[0] === TRANSFER && topics[3] !== undefined && hexToBigInt(topics[3]) === 13n;
    };
    const logs = recording.logs.filter((log) => !isMint(log));
    await expect(readOther({ ...recording, logs })).rejects.toMatchObject({ code: 'MissingTransfersError', last: 19n });
  });
});

const cash = (functionName: string, id: bigint) => ({
  to: at('CashAsset'),
  abi: cashAssetAbi,
  functionName,
  args: [id],
});

describe('deriveV2 contradicted by its own contracts', () => {
  test('error: VenueDisagreesError, for cash, a perp, a settlement or a margin that is not what the state gives', async () => {
    const manager = { to: at('StandardManager'), abi: managerAbi };
    const changes: readonly (readonly [string, Parameters<typeof withAnswer>[1], unknown])[] = [
      ['frank', cash('calculateBalanceWithInterest', 13n), -14004172290731277549999n],
      [
        'eve',
        { to: at('ETH.perp'), abi: deriveAssetAbi, functionName: 'getUnsettledAndUnrealizedCash', args: [11n] },
        0n,
      ],
      ['eve', { ...manager, functionName: 'getMargin', args: [11n, false] }, -6928941514951754877137n],
      ['eve', { ...manager, functionName: 'getMargin', args: [12n, true] }, 0n],
      ['eve', { ...manager, functionName: 'getMarginAndMarkToMarket', args: [12n, false, 0n] }, [0n, 1n]],
      [
        'henry',
        {
          ...{ to: at('ETH.option'), abi: deriveAssetAbi, functionName: 'calcSettlementValue' },
          args: [1245540515841772784000n, -2n * 10n ** 18n],
        },
        [-245n * 10n ** 18n + 1n, true],
      ],
    ];
    for (const [name, question, answer] of changes)
      await requireRefused([name], 'VenueDisagreesError', withAnswer(recording, question, answer));
  });
});

describe('deriveV2 at the edges of its state', () => {
  const henry = async (changed: DeriveRecording) => {
    const { read } = await readOther(changed);
    return read.find(({ account }) => account === wallet('henry'));
  };

  test('behavior: margin views that revert on stale feeds leave the balances readable, and the health unknown', async () => {
    const one = await henry(recording);
    expect(one?.healths).toEqual([
      { venue: 'deriveV2', silo: 'deriveV2:15', healthOwnWad: null, healthComputedWad: null },
    ]);
    expect(one?.positions.map(({ amount }) => amount.raw)).toEqual([19552810394592795791243n, -245n * 10n ** 18n]);
  });

  test('behavior: an expired option without a settlement price stays an option', async () => {
    const question = { to: at('ETH.forwardFeed'), abi: deriveFeedAbi, functionName: 'getSettlementPrice' };
    const one = await henry(withAnswer(recording, { ...question, args: [1772784000n] }, [false, 0n]));
    expect(one?.positions.map(({ kind, amount }) => [kind, amount.raw])).toEqual([
      ['token', 19552810394592795791243n],
      ['option', -2n * 10n ** 18n],
      ['option', 6n * 10n ** 18n],
    ]);
  });

  test('behavior: a closed perp counts at its frozen price, without further funding', async () => {
    const perp = { to: at('BTC.perp'), abi: deriveAssetAbi };
    const frozen = 90_000n * 10n ** 18n;
    const stored = {
      lastMarkPrice: 89970n * 10n ** 18n,
      funding: 0n,
      pnl: 0n,
      lastAggregatedFunding: -105798611111040000n,
    };
    const size = -350000000000000000n;
    let changed = withAnswer(recording, { ...perp, functionName: 'isDisabled' }, true);
    changed = withAnswer(changed, { ...perp, functionName: 'frozenPerpPrice' }, frozen);
    changed = withAnswer(changed, { ...perp, functionName: 'aggregatedFunding' }, 0n);
    changed = withRevert(changed, { ...perp, functionName: 'getIndexPrice' });
    for (const id of [7n, 8n]) {
      changed = withRevert(changed, { ...perp, functionName: 'getUnsettledAndUnrealizedCash', args: [id] });
      changed = withRevert(changed, {
        to: at('StandardManager'),
        abi: managerAbi,
        functionName: 'getMargin',
        args: [id, true],
      });
      changed = withRevert(changed, {
        to: at('StandardManager'),
        abi: managerAbi,
        functionName: 'getMargin',
        args: [id, false],
      });
      const both = { functionName: 'getMarginAndMarkToMarket', args: [id, false, 0n] };
      changed = withRevert(changed, { to: at('StandardManager'), abi: managerAbi, ...both });
    }
    const { read } = await readOther(changed);
    const alice = read.find(({ account }) => account === wallet('alice'));
    const leg = alice?.positions.find((one) => one.kind === 'perp' && one.underlying === 'BTC');
    const { pnl, funding } = perpCash({ size, stored }, { mark: frozen, funding: 0n });
    expect(leg).toMatchObject({ unrealisedUsd: { raw: pnl }, fundingUsd: { raw: funding } });
    // −0.35 · (90,000 − 89,970)
    expect(pnl).toBe(-10_500n * 10n ** 15n);
  });

  test('behavior: profit that closing a perp left behind is a leg, though no balance shows it', async () => {
    const question = { to: at('ETH.perp'), abi: deriveAssetAbi, functionName: 'positions', args: [18n] };
    const { read } = await readOther(withAnswer(recording, question, [0n, 3n, -5n, 0n, 0n]));
    const one = read.find(({ account }) => account === wallet('liquidator'));
    const perp = one?.positions.find(({ kind }) => kind === 'perp');
    expect(perp).toMatchObject({ amount: { raw: 0n }, unrealisedUsd: { raw: -5n }, fundingUsd: { raw: 3n } });
  });

  const ruleOf = async (changed: DeriveRecording, silo: string, config = {}) => {
    const { read } = await readOther(changed, { config });
    const rule = read.flatMap(({ silos }) => silos).find(({ id }) => id === silo)?.rule;
    if (rule?.kind !== 'portfolioMargin') expect.unreachable();
    return rule;
  };

  test("behavior: PMRM's own rate is in its rule; of several expiries the highest, and nobody else's", async () => {
    const feed = { to: at('ETH.rateFeed'), abi: deriveFeedAbi, functionName: 'getInterestRate' };
    let changed = withAnswer(recording, { ...feed, args: [1774598400n] }, [2n * 10n ** 16n, 10n ** 18n]);
    changed = withAnswer(changed, { ...feed, args: [1782460800n] }, [5n * 10n ** 16n, 10n ** 18n]);
    const terms = async (silo: string, of: DeriveRecording) => (await ruleOf(of, silo)).parameters.staticDiscount;
    expect(await terms('deriveV2:9', recording)).toMatchObject({ longBase: 0.95, longRateMult: 0, longRateAdd: 0.12 });
    expect(await terms('deriveV2:9', changed)).toMatchObject({ longRateMult: 0, longRateAdd: 0.17 });
    expect(await terms('deriveV2:16', changed)).toMatchObject({ longRateMult: 0, longRateAdd: 0.14 });
    const stale = withRevert(recording, { ...feed, args: [1782460800n] });
    expect(await terms('deriveV2:9', stale)).toMatchObject({ longRateMult: 1, longRateAdd: 0.12 });
  });

  test("behavior: under PMRM_2_1 the parameters are those of the subaccount's own library", async () => {
    const address = at('ETH.pmrm2.pmrm2');
    const question = { to: address, abi: portfolioManagerAbi, functionName: 'getAccountLib', args: [10n] };
    const changed = withAnswer(recording, question, at('ETH.pmrm2.pmrmLib2'));
    const managers = { standard: [at('StandardManager')], portfolio: [at('ETH.pmrm'), at('BTC.pmrm')] };
    const rule = await ruleOf(changed, 'deriveV2:10', { managers: { ...managers, portfolio21: [address] } });
    expect(rule).toEqual(await ruleOf(recording, 'deriveV2:10'));
    expect(rule.parameters.collateral).toEqual({ ETH: { mmHaircut: 0.02, imHaircut: 0.03, riskCancelling: true } });
  });
});
