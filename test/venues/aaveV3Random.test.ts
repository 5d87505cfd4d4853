import { afterAll, beforeAll, expect, test } from 'vitest';
import { STABLE_EMODE } from '../../scripts/protocols/aaveV3.ts';
import { AAVE_SYMBOLS, type AaveMarketFixture, requireExact, startAaveMarket } from './support/aaveMarket.ts';
import { requireWithinCloseFactor, runAave } from './support/aaveRunner.ts';

let fixture: AaveMarketFixture;

beforeAll(async () => {
  fixture = await startAaveMarket('3.0.2');
  const { aave, tokens } = fixture;
  for (const symbol of AAVE_SYMBOLS) {
    await aave.configurator.write('setLiquidationProtocolFee', [tokens[symbol].contract.address, 1_000]);
  }
  await aave.configurator.write('setReserveStableRateBorrowing', [tokens.DAI.contract.address, true]);
});
afterAll(() => fixture.stop());

test('behavior: 250 random operations on V3.0.2 by twelve accounts leave everybody exact to the wei, at the head and at five earlier blocks', async () => {
  const { done, seizures } = await runAave(fixture, {
    seed: 7,
    count: 250,
    accounts: 12,
    eModes: [0, STABLE_EMODE],
    checkEvery: 50,
  });
  expect(Math.min(...done.values()), JSON.stringify([...done])).toBeGreaterThanOrEqual(3);
  requireWithinCloseFactor(seizures, 0n);
  const head = await fixture.pin();
  expect(await requireExact(fixture, head)).toBeGreaterThanOrEqual(10);
  for (const back of [1n, 17n, 58n, 121n, 203n]) {
    await requireExact(fixture, await fixture.pin({ number: head.block.number - back }));
  }
}, 200_000);
