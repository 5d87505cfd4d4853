import { type Address, parseAbi } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatBook } from '../../src/book/formatBook.ts';
import { parseBook } from '../../src/book/parseBook.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { crossmargin1 } from '../../src/engine/models/crossmargin1.ts';
import type { DeriveModel } from '../../src/engine/models/model.ts';
import { siloedPreset } from '../../src/engine/models/siloed.ts';
import { readMarket } from '../../src/feeds/index.ts';
import type { AssetQuote, Market } from '../../src/portfolio/market.ts';
import type { Portfolio } from '../../src/portfolio/portfolio.ts';
import { standardAccount } from '../../src/venues/deriveV2Account.ts';
import { standardMargin } from '../../src/venues/deriveV2Standard.ts';
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
  const first = positions.find((leg) => leg.kind === 'token' && leg.asset === 'USDC');
  const amount = { raw: BigInt(cash.stored), decimals: 18 };
  return { silos, positions: positions.map((leg) => (leg === first ? { ...first, amount } : leg)) };
}

const subaccounts = (kind: string) => {
  const all = Object.values(recording.expected);
  const ours = all.filter(({ managerKind }) => (managerKind === 'SRM') === (kind === 'SRM'));
  return ours.filter((one) => storedPortfolio(one).positions.length > 0);
};
const stated = (one: ExpectedSubaccount, view: string) => Number(one.venue[view]) / 1e18;
const MAINTENANCE = 'getMargin(maintenance)';
const INITIAL = 'getMargin(initial)';
const BOTH = 'getMarginAndMarkToMarket(maintenance, scenario 0)';

/** The same market with USDC at 1: then what the standard manager leaves of equity is never more than the equity. */
function atPar(): Market {
  const USDC: AssetQuote = { ...(market.assets.USDC as AssetQuote), usd: { raw: 1n, decimals: 0 } };
  return { ...market, assets: { ...market.assets, USDC } };
}

describe("the standard manager's margin", () => {
  test('default: initial, maintenance and mark to market of every subaccount are the venue’s, to the last unit', async () => {
    const accounts = read.map(({ account }) => account);
    let compared = 0;
    for (const raw of await play.venue.read(play.chain, accounts)) {
      for (const subaccount of raw.subaccounts.filter(({ managerKind }) => managerKind === 'standard')) {
        const { venue } = recording.expected[String(subaccount.id)] as ExpectedSubaccount;
        const account = standardAccount(subaccount, raw);
        if (typeof venue[MAINTENANCE] !== 'string') {
          expect([subaccount.id, account]).toEqual([15n, null]);
          continue;
        }
        if (account === null) expect.unreachable();
        const [, markToMarket] = venue[BOTH] as readonly string[];
        expect(String(standardMargin(account, false).margin)).toBe(venue[MAINTENANCE]);
        expect(String(standardMargin(account, false).markToMarket)).toBe(markToMarket);
        expect(String(standardMargin(account, true).margin)).toBe(venue[INITIAL]);
        compared++;
      }
    }
    expect(compared).toBe(12);
  });

  test("behavior: the engine's rule gives the same maintenance margin, within 1e-12", () => {
    const compared = subaccounts('SRM').filter((one) => typeof one.venue[MAINTENANCE] === 'string');
    for (const one of compared) {
      const margin = computeMargin({ portfolio: storedPortfolio(one), market: atPar(), model: siloedPreset });
      const left = margin.equityUsd - margin.maintenanceUsd;
      expect(Math.abs(left / stated(one, MAINTENANCE) - 1), one.label ?? '').toBeLessThan(1e-12);
    }
    expect(compared).toHaveLength(11);
  });

  test('behavior: a silo is below 1 exactly where the venue lets anyone start an auction', () => {
    for (const { healths } of read) {
      for (const { silo, healthOwnWad, healthComputedWad } of healths) {
        const one = recording.expected[silo.replace('deriveV2:', '')] as ExpectedSubaccount;
        if (one.managerKind === 'SRM') expect(healthComputedWad).toBe(healthOwnWad);
        else expect(healthComputedWad).toBeNull();
        if (healthOwnWad !== null) expect(healthOwnWad < 10n ** 18n).toBe(stated(one, MAINTENANCE) < 0);
      }
    }
    const under = read.flatMap(({ healths }) => healths).filter((one) => (one.healthOwnWad ?? 10n ** 18n) < 10n ** 18n);
    expect(under.map(({ silo }) => silo)).toEqual(['deriveV2:11', 'deriveV2:12']);
  });
});

describe("the portfolio managers' margins", () => {
  test('default: by derive-pm2 with the parameters that their contracts have, within 1e-8', () => {
    const compared = subaccounts('PMRM');
    for (const one of compared) {
      const portfolio = storedPortfolio(one);
      const rule = portfolio.silos[0]?.rule;
      if (rule?.kind !== 'portfolioMargin') expect.unreachable();
      const model: DeriveModel = { ...rule, preset: 'derive-pm2' };
      const margin = computeMargin({ portfolio, market, model });
      const [, markToMarket] = one.venue[BOTH] as readonly string[];
      const errors = [
        margin.netMaintenanceUsd / stated(one, MAINTENANCE) - 1,
        margin.netInitialUsd / stated(one, INITIAL) - 1,
        margin.equityUsd / (Number(markToMarket) / 1e18) - 1,
      ];
      for (const error of errors) expect(Math.abs(error), one.label ?? '').toBeLessThan(1e-8);
    }
    expect(compared.map(({ label, managerKind }) => [label, managerKind])).toEqual([
      ['carol1', 'PMRM'],
      ['dave1', 'PMRM_2'],
      ['alice2', 'PMRM'],
    ]);
  });

  test('behavior: each scenario of PMRM_2 takes what the venue says, within 1e-8, and the worst is the same', async () => {
    const one = recording.expected['10'] as ExpectedSubaccount;
    const portfolio = storedPortfolio(one);
    const model = { ...portfolio.silos[0]?.rule, preset: 'derive-pm2' } as unknown as DeriveModel;
    const [, , worst] = one.venue['getMarginAndMtM(maintenance) [margin, mtm, worstScenario]'] as readonly string[];
    const { binding, scenarios } = computeMargin({ portfolio, market, model });
    expect(binding.id).toBe(`s${worst}`);
    const address = recording.contracts['ETH.pmrm2.pmrm2'] as Address;
    const abi = parseAbi(['function getScenarioPnL(uint256 accountId, uint256 scenarioId) view returns (int256)']);
    const call = { address, abi, functionName: 'getScenarioPnL' };
    const own = await play.chain.read(model.scenarios.map((_, i) => ({ ...call, args: [10n, BigInt(i)] })));
    own.forEach((pnl, i) => {
      const expected = Number(pnl) / 1e18;
      const error = Math.abs((scenarios[i]?.pnlUsd ?? Number.NaN) - expected);
      expect(error, `s${i}`).toBeLessThan(1e-8 * Math.max(1, Math.abs(expected)));
    });
    expect(own).toHaveLength(33);
  });

  test("behavior: the silo rule asks for what the manager's model leaves of the silo's value", () => {
    for (const one of subaccounts('PMRM')) {
      const portfolio = storedPortfolio(one);
      const margin = computeMargin({ portfolio, market, model: siloedPreset });
      const left = margin.equityUsd - margin.maintenanceUsd;
      const isClamped = margin.maintenanceUsd === 0;
      if (!isClamped) expect(Math.abs(left / stated(one, MAINTENANCE) - 1)).toBeLessThan(1e-8);
      expect(left < 0).toBe(stated(one, MAINTENANCE) < 0);
    }
  });
});

describe('a book of Derive', () => {
  test('default: everything that every owner holds is valued, and broken silo by silo where a scenario breaks it', () => {
    for (const { positions, silos, account } of read) {
      if (silos.some(({ id }) => id === 'deriveV2:15')) continue;
      const margin = computeMargin({ portfolio: { positions, silos }, market, model: crossmargin1 });
      expect(Number.isFinite(margin.maintenanceUsd), account).toBe(true);
      for (const silo of margin.silos)
        expect(silo.health === null || silo.health >= 1).toBe(!['deriveV2:11', 'deriveV2:12'].includes(silo.silo));
    }
  });

  test('behavior: it is the same after it was written and read again', () => {
    const positions = read.flatMap((one) => one.positions);
    const silos = read.flatMap((one) => one.silos);
    const book = { portfolio: { positions, silos }, market, model: crossmargin1, asOf: market.asOf };
    const again = parseBook(JSON.parse(JSON.stringify(formatBook(book))));
    expect(formatBook(again)).toEqual(formatBook(book));
    expect(computeMargin(again).silos).toEqual(computeMargin(book).silos);
  });
});
