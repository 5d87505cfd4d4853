import { type Address, parseEther, parseUnits } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { morphoArtifact } from '../../scripts/protocols/artifacts.ts';
import { deploy } from '../../scripts/protocols/contract.ts';
import { provide } from '../../scripts/protocols/tokens.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { requirePreset } from '../../src/engine/models/presets.ts';
import { readSnapshotOf } from '../../src/node/snapshot.ts';
import { toFloat } from '../../src/units/decimal.ts';
import { type Fixture, startFixture } from '../venues/fixture.ts';

const HELD = parseEther('10');
const OWED = parseUnits('12000', 6);

let fixture: Fixture;
let account: Address;

beforeAll(async () => {
  fixture = await startFixture();
  account = fixture.chain.account(40).address;
  await borrowAgainstShares(account);
});

afterAll(() => fixture.stop());

/** Ten vault shares in a Morpho market of their own, against 12,000 USDC, by whoever is `from`. */
async function borrowAgainstShares(from: Address): Promise<void> {
  const { chain, world } = fixture;
  const { morpho, irm } = world.morpho;
  const [WETH, USDC] = [world.tokens.WETH.contract, world.tokens.USDC.contract];
  const oracle = await deploy(chain, morphoArtifact('src/mocks/OracleMock'));
  const perShare = await world.vault.read<bigint>('convertToAssets', [10n ** 18n]);
  await oracle.write('setPrice', [
    (perShare * world.priceRaw('ETH') * 10n ** 24n) / (10n ** 18n * world.priceRaw('USDC')),
  ]);
  const loanToken = USDC.address;
  const collateralToken = world.vault.address;
  const market = { loanToken, collateralToken, oracle: oracle.address, irm: irm.address, lltv: parseEther('0.86') };
  await morpho.write('createMarket', [market]);
  const lender = chain.account(0).address;
  await provide(USDC, { to: lender, spender: morpho.address, raw: OWED });
  await morpho.write('supply', [market, OWED, 0, lender, '0x']);
  await provide(WETH, { to: from, spender: world.vault.address, raw: 2n * HELD });
  await world.vault.write('mint', [HELD, from], { from });
  await world.vault.write('approve', [morpho.address, HELD], { from });
  await morpho.write('supplyCollateral', [market, HELD, from, '0x'], { from });
  await morpho.write('borrow', [market, OWED, 0, from, from], { from });
}

test('default: vault shares are collateral at Morpho, valued by their rate and moved off their peg by the model', async () => {
  await fixture.world.refreshFeeds();
  // The tokens that it was lent are in its wallet, and no part of this.
  const { wallet: _, ...venues } = fixture.deployment.venues;
  const deployment = { ...fixture.deployment, venues };
  const snapshot = await readSnapshotOf([{ chain: await fixture.pin(), deployment }], [account]);
  const [read] = snapshot.accounts;
  if (read === undefined) expect.unreachable();
  const leg = read.portfolio.positions.find((position) => position.kind === 'token' && position.asset === 'vaultETH');
  expect(leg).toMatchObject({ amount: { raw: HELD, decimals: 18 }, venue: 'morphoBlue' });
  const model = requirePreset('crossmargin-1');
  const margin = computeMargin({ portfolio: read.portfolio, market: snapshot.market, model });
  const perShare = toFloat({
    raw: await fixture.world.vault.read<bigint>('convertToAssets', [10n ** 18n]),
    decimals: 18,
  });
  expect(perShare).toBeGreaterThan(1.037);
  expect(margin.equityUsd).toBeCloseTo(10 * perShare * 2_000 - 12_000, 2);
  expect(margin.health).toBeGreaterThan(1);
  expect(margin.scenarios.filter(({ id }) => id.includes('vaultETH')).length).toBeGreaterThan(0);
});
