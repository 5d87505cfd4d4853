import type { Address } from 'viem';
import { beforeAll, expect, test } from 'vitest';
import { accruedIndices, creditOf, presentValue, storedIndices, worthOf } from '../../src/venues/compoundV3Math.ts';
import { readAccounts } from '../../src/venues/index.ts';
import type { VenuePositions } from '../../src/venues/venue.ts';
import {
  altered,
  type CometRecording,
  cometDeployment,
  cometVenue,
  MARKETS,
  playing,
  REVERTED,
  readCometRecording,
  withWord,
} from './support/cometRecording.ts';

let world: Awaited<ReturnType<typeof readCometRecording>>;
let recording: CometRecording;
let usdc: Address;
const WAD = 10n ** 18n;
const TRANSFER = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';
const TRANSFER_COLLATERAL = '0x29db89d45e1a802b4d55e202984fce9faf1d30aedf86503ff1ea0ed9ebb64201';
const SUPPLY = '0xd1cf3d156d5f8f0d50f6c122ed609cec09d35c9b9fb3fff6ea0959134dae424e';

beforeAll(async () => {
  world = await readCometRecording();
  recording = world.recording;
  usdc = recording.contracts.cUSDCv3 as Address;
});

const discovered = async (played = recording) =>
  (await playing(played, (chain) => cometVenue(recording).discover(chain))).value;
const isOf = (word: string | undefined, account: Address) =>
  word?.toLowerCase().endsWith(account.toLowerCase().slice(2));

test('behavior: the stored index: a view says "not liquidatable" of an account that an absorb of the same block takes', () => {
  const { market, collaterals, principal, basePrice, own } = world.holdingOf('carol', 'cUSDCv3');
  const credit = creditOf(
    collaterals.map((one) => ({ ...one, amount: one.balance, factor: one.liquidateCollateralFactor })),
  );
  const debtBy = ({ borrow }: { readonly borrow: bigint }) =>
    worthOf({ amount: presentValue(-principal, borrow), price: basePrice, scale: market.baseScale });
  expect(credit - debtBy(storedIndices(market))).toBe(175n);
  expect(credit - debtBy(accruedIndices(market, recording.block.timestamp))).toBe(-4_260_890_493n);
  expect(own.views).toEqual({ isBorrowCollateralized: false, isLiquidatable: false });
  expect(world.named('carol').healths[0]?.healthComputedWad).toBeLessThan(WAD);
  expect(world.expectedOf('carol', 'cUSDCv3').absorbSucceeds).toBe(true);
});

test('behavior: rates are those of the implementation at the block, not those that were configured before its upgrade', () => {
  const { market } = world.holdingOf('whale', 'cUSDCv3');
  // The Configurator raised the base rate of borrowing, and the market was deployed again.
  const raised = recording.logs.find(({ topics: [event] }) => event?.startsWith('0x7e237d05'));
  const perSecond = (word: number) => BigInt(`0x${raised?.data.slice(2 + 64 * word, 66 + 64 * word)}`) / 31_536_000n;
  const { borrowCurve, totals, own } = market;
  expect(borrowCurve.base).toBe(perSecond(1));
  const owed = (base: bigint) => {
    const { borrow } = accruedIndices({ ...market, borrowCurve: { ...borrowCurve, base } }, recording.block.timestamp);
    return presentValue(totals.totalBorrowBase, borrow);
  };
  expect(owed(perSecond(1))).toBe(own.totalBorrow);
  expect(owed(perSecond(0))).toBeLessThan(own.totalBorrow);
});

test('behavior: principals of all accounts are the totals of the market', () => {
  for (const market of MARKETS) {
    const principals = world.names.map((name) => world.holdingOf(name, market)?.principal ?? 0n);
    const sum = (sign: bigint) => principals.reduce((total, one) => total + (one * sign > 0n ? one * sign : 0n), 0n);
    const { totalSupplyBase, totalBorrowBase } = recording.markets[market].totalsBasic;
    expect([String(sum(1n)), String(sum(-1n))]).toEqual([totalSupplyBase, totalBorrowBase]);
  }
});

test('behavior: base that moves without an event: who borrows by a transfer is found by collateral, and nobody is carried', async () => {
  const lea = recording.accounts.lea as Address;
  const events = recording.logs.filter(
    ({ address, topics }) => isOf(address, usdc) && topics.slice(1).some((word) => isOf(word, lea)),
  );
  // One event of this market names her, and it moves collateral: the debt of 500 USDC stands in none.
  expect(events.map(({ topics: [event] }) => event)).toEqual([TRANSFER_COLLATERAL]);
  const [debt] = world.named('lea').positions.filter(({ silo }) => silo === world.siloOf('cUSDCv3'));
  expect(debt).toMatchObject({ asset: 'USDC', amount: { raw: -500_253_948n, decimals: 6 } });
  expect(await discovered()).toContain(lea);
  expect(cometVenue(recording).carryForward).toBeUndefined();
});

test('behavior: what events of base add up to is nobody’s balance: interest, rounding and paid debts stand in none', () => {
  const wrong = world.names.filter((name) => {
    const account = recording.accounts[name] as Address;
    const transfers = recording.logs.filter(
      ({ address, topics: [event] }) => isOf(address, usdc) && event === TRANSFER,
    );
    const sum = transfers.reduce((total, { topics: [, from, to], data }) => {
      return total + (isOf(to, account) ? BigInt(data) : 0n) - (isOf(from, account) ? BigInt(data) : 0n);
    }, 0n);
    return sum !== BigInt(world.expectedOf(name, 'cUSDCv3').supplied);
  });
  expect(wrong).toEqual(expect.arrayContaining(['alice', 'grace', 'heidi', 'ken', 'whale']));
});

test('behavior: discovery takes whose something is, not who pays or is paid', async () => {
  const { nobody: _, ...others } = recording.accounts;
  expect([...(await discovered())].sort()).toEqual(Object.values(others).sort());
  const gifts = recording.logs.filter(({ topics: [event, from, to] }) => event === SUPPLY && from !== to);
  // Whale supplied two units to ivan: by this event alone ivan holds something, and whale does not.
  expect(await discovered({ ...recording, logs: gifts.slice(-1) })).toEqual([recording.accounts.ivan]);
});

test('behavior: an asset list of more than 16: the upper bits are in the reserved field', async () => {
  const info = { to: usdc, says: 'getAssetInfo(uint8)', about: '2'.padStart(64, '0') };
  const listed = altered(recording, info, ({ result = '0x' }) => ({ result: withWord(result, 0, 16n) }));
  const moved = altered(listed, { to: usdc, says: 'userBasic(address)' }, ({ result = '0x' }) => {
    const assetsIn = BigInt(`0x${result.slice(2 + 64 * 3, 2 + 64 * 4)}`);
    return { result: withWord(withWord(result, 3, assetsIn & 3n), 4, assetsIn >> 2n) };
  });
  const query = { deployment: cometDeployment(recording), accounts: world.accounts };
  expect((await playing(moved, (chain) => readAccounts(chain, query))).value).toEqual(world.read);
});

test('behavior: factors are those that the market goes by: cut to four decimals, and not what was configured', async () => {
  const collateralOf = ({ silos }: Pick<VenuePositions, 'silos'>) => {
    const rule = silos.find(({ id }) => id === world.siloOf('cUSDCv3'))?.rule;
    return rule?.kind === 'lending' ? rule.collateral : {};
  };
  // The Configurator was told 0.77 for WBTC and later 0.75, which holds since the market was deployed again.
  expect(collateralOf(world.named('mia')).WBTC?.threshold).toEqual({ raw: 75n * 10n ** 16n, decimals: 18 });
  // Configured as 0.89499 the market goes by 0.8949 and says so.
  const threshold = { raw: 8_949n * 10n ** 14n, decimals: 18 };
  const info = { to: usdc, says: 'getAssetInfo(uint8)', about: '2'.padStart(64, '0') };
  const cut = altered(recording, info, ({ result = '0x' }) => ({ result: withWord(result, 5, threshold.raw) }));
  const query = { deployment: cometDeployment(recording), accounts: [recording.accounts.judy as Address] };
  const { value } = await playing(cut, (chain) => readAccounts(chain, query));
  expect(value.map(collateralOf).map(({ WETH }) => WETH?.threshold)).toEqual([threshold]);
});

test('behavior: a market that quotes in ether has the health of its own feeds', () => {
  const { basePrice, collaterals } = world.holdingOf('ken', 'cWETHv3');
  expect([basePrice, ...collaterals.map(({ price }) => price)]).toEqual([10n ** 8n, 119_876_543n]);
  const health = world.named('ken').healths.find(({ silo }) => silo === world.siloOf('cWETHv3'));
  // 500 wstETH at 1.19876543 and 93 % over 480.41 ether that are owed.
  expect(Number(health?.healthComputedWad) / 1e18).toBeCloseTo((500 * 1.19876543 * 0.93) / 480.415858150773, 9);
});

test('behavior: dust is held to the last unit', () => {
  const amounts = (name: string) => world.named(name).positions.map((leg) => leg.kind === 'token' && leg.amount.raw);
  expect([amounts('ivan'), amounts('mia'), amounts('judy')]).toEqual([
    [1n],
    [2n, 50_000_000n],
    [12n, 20_750_000_000_000_000_000n],
  ]);
});

test('behavior: deactivated collateral: a market that refuses to say whether more may be borrowed still says who can be absorbed', async () => {
  const asked = { to: usdc, says: 'isBorrowCollateralized(address)', about: recording.accounts.bob as Address };
  const query = { deployment: cometDeployment(recording), accounts: world.accounts };
  const deactivated = altered(recording, asked, () => REVERTED);
  expect((await playing(deactivated, (chain) => readAccounts(chain, query))).value).toEqual(world.read);
});

test('behavior: rewards are no position: who has them alone has nothing', () => {
  expect(BigInt(world.expectedOf('erin', 'cUSDCv3').rewardOwed)).toBeGreaterThan(0n);
  expect(world.named('erin').positions).toEqual([]);
});
