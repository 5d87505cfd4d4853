import { afterEach, describe, expect, test } from 'vitest';
import { STABLE_EMODE } from '../../scripts/protocols/aaveV3.ts';
import { requireWithinCloseFactor } from './support/aaveLiquidation.ts';
import { AAVE_SYMBOLS, type AaveMarketFixture, requireExact, startAaveMarket } from './support/aaveMarket.ts';
import type { AaveRun } from './support/aaveOperations.ts';
import { runAave } from './support/aaveRunner.ts';
import { EMODES_OF_V36, useTermsOfV36 } from './support/aaveV36Terms.ts';

let fixture: AaveMarketFixture;
afterEach(() => fixture.stop());

/** Runs, and then compares everybody at the head and at five earlier blocks. Returns what liquidations did. */
async function runAndCompare(run: AaveRun) {
  const { aave, tokens } = fixture;
  for (const symbol of AAVE_SYMBOLS) {
    await aave.configurator.write('setLiquidationProtocolFee', [tokens[symbol].contract.address, 1_000]);
  }
  const { done, seizures, followed } = await runAave(fixture, run);
  expect(Math.min(...done.values()), JSON.stringify([...done])).toBeGreaterThanOrEqual(3);
  expect(followed.read).toBeLessThan(followed.seen / 2);
  const head = await fixture.pin();
  expect(await requireExact(fixture, head)).toBeGreaterThanOrEqual(10);
  for (const back of [1n, 17n, 58n, 121n, 203n]) {
    await requireExact(fixture, await fixture.pin({ number: head.block.number - back }));
  }
  return seizures;
}

describe('aaveV3, at random: 250 operations by twelve accounts leave everybody exact to the wei, now and at five earlier blocks, carried or read (long)', () => {
  test('default: on V3.0.2, no liquidation closing more than half above 0.95', async () => {
    fixture = await startAaveMarket('3.0.2');
    await fixture.aave.configurator.write('setReserveStableRateBorrowing', [fixture.tokens.DAI.contract.address, true]);
    const run = { seed: 7, count: 250, accounts: 12, eModes: [0, STABLE_EMODE], checkEvery: 50 };
    requireWithinCloseFactor(await runAndCompare(run), 0n);
  }, 300_000);

  test('default: on V3.6, no liquidation closing more than half or 2,000 above 0.95', async () => {
    fixture = await startAaveMarket('3.6');
    await useTermsOfV36(fixture);
    const run = { seed: 11, count: 250, accounts: 12, eModes: EMODES_OF_V36, checkEvery: 50 };
    requireWithinCloseFactor(await runAndCompare(run), 2_000n * 10n ** 8n);
  }, 300_000);
});
