import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { computeMargin } from '../../src/engine/margin.ts';
import type { DeriveModel } from '../../src/engine/models/model.ts';
import { siloedPreset } from '../../src/engine/models/siloed.ts';
import { readMarket } from '../../src/feeds/index.ts';
import type { Market } from '../../src/portfolio/market.ts';
import type { Portfolio } from '../../src/portfolio/portfolio.ts';
import { type AccountPositions, readAccounts } from '../../src/venues/index.ts';
import { type DeriveRecording, type ExpectedSubaccount, loadDerive, playDerive } from './support/deriveRecording.ts';

let recording: DeriveRecording;
let play: Awaited<ReturnType<typeof playDerive>>;
let read: readonly AccountPositions[];
let market: Market;

beforeAll(async () => {
  recording = await loadDerive();
  play = await playDerive(recording);
  const accounts = [...new Set(Object.values(recording.expected).map(({ beneficialOwner }) => beneficialOwner))];
  read = await readAccounts(play.chain, { deployment: play.deployment, accounts });
  market = await readMarket(play.chain, play.deployment);
});
afterAll(() => play.player.stop());

/** One subaccount, its cash as it is stored: the managers' views leave out the interest since. */
function storedPortfolio({ subAccountId, cash }: ExpectedSubaccount): Portfolio {
  const id = `deriveV2:${subAccountId}`;
  const positions = read.flatMap((one) => one.positions).filter(({ silo }) => silo === id);
  const silos = read.flatMap((one) => one.silos).filter((silo) => silo.id === id);
  let isFirst = true;
  return {
    silos,
    positions: positions.map((leg) => {
      if (leg.kind !== 'token' || leg.asset !== 'USDC' || !isFirst) return leg;
      isFirst = false;
      return { ...leg, amount: { raw: BigInt(cash.stored), decimals: 18 } };
    }),
  };
}

const number = (value: unknown) => Number(value) / 1e18;

test('debug', () => {
  console.log(market.expiries, market.vols.length, market.perps, play.player.missing);
  for (const one of Object.values(recording.expected)) {
    const { silos, positions } = storedPortfolio(one);
    const [silo] = silos;
    if (silo === undefined) continue;
    const mm = one.venue['getMargin(maintenance)'], im = one.venue['getMargin(initial)'];
    if (silo.rule.kind === 'portfolioMargin') {
      const model = { preset: 'derive-pm2', parameters: silo.rule.parameters, scenarios: silo.rule.scenarios } as DeriveModel;
      const m = computeMargin({ portfolio: { silos, positions }, market, model });
      console.log(one.label, m.netMaintenanceUsd, number(mm), m.netMaintenanceUsd / number(mm) - 1, m.netInitialUsd, number(im), m.netInitialUsd / number(im) - 1, m.equityUsd, one.venue['getMarginAndMarkToMarket(maintenance, scenario 0)'], m.binding.id);
    }
    else {
      const m = computeMargin({ portfolio: { silos, positions }, market: { ...market, assets: { ...market.assets, USDC: { ...market.assets.USDC!, usd: { raw: 1n, decimals: 0 } } } }, model: siloedPreset });
      console.log(one.label, m.equityUsd - m.maintenanceUsd, number(mm), (m.equityUsd - m.maintenanceUsd) / number(mm) - 1, m.health);
    }
  }
});
