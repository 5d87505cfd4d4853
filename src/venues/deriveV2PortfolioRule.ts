import type { DeriveCollateral, DeriveParameters, DeriveScenario, VolDirection } from '../portfolio/deriveModel.ts';
import type { PortfolioMarginRule } from '../portfolio/silo.ts';
import { toFloat } from '../units/decimal.ts';
import type { DeriveShared } from './deriveV2Markets.ts';
import { max, mul } from './deriveV2Math.ts';
import type { PortfolioModel } from './deriveV2Portfolio.ts';
import { UnknownDeriveScenarioError } from './deriveV2Refusals.ts';
import { requireToken } from './tokens.ts';

const UNIT = 10n ** 18n;
const SECONDS_PER_DAY = 86_400;
const DIRECTIONS: readonly VolDirection[] = ['none', 'up', 'down', 'linear', 'abs'];

/** What a subaccount holds under a portfolio manager: its collateral assets, and the expiries of its options. */
interface Held {
  readonly shared: DeriveShared;
  readonly bases: readonly string[];
  readonly expiries: readonly number[];
}

/** The parameters of a portfolio manager as the engine's `derive-pm2` takes them. */
export function portfolioRule(model: PortfolioModel, { shared, bases, expiries }: Held): PortfolioMarginRule {
  const underlying = shared.assets.get(model.perp.toLowerCase())?.underlying;
  const named = underlying ?? shared.assets.get(model.option.toLowerCase())?.underlying;
  const own = model.kind === 'portfolio' ? firstParameters(model, expiries) : secondParameters(model);
  const terms = new Map<string, DeriveCollateral>();
  for (const address of bases) {
    const asset = shared.assets.get(address.toLowerCase());
    const collateral = collateralOf(model, address);
    if (asset?.kind !== 'base' || collateral === undefined) continue;
    const { asset: id } = requireToken(asset.token);
    terms.set(id, worseOf(collateral, terms.get(id)));
  }
  const parameters: DeriveParameters = {
    numeraire: requireToken(shared.cashToken).asset,
    ...(named !== undefined && { underlying: named }),
    ...own,
    collateral: Object.fromEntries([...terms].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
  return { kind: 'portfolioMargin', parameters, scenarios: model.scenarios.map(scenarioOf) };
}

/** Two collaterals that are the same asset to the deployment: what is said of either holds for both. */
function worseOf(a: DeriveCollateral, b: DeriveCollateral = a): DeriveCollateral {
  return {
    mmHaircut: Math.max(a.mmHaircut, b.mmHaircut),
    imHaircut: Math.max(a.imHaircut, b.imHaircut),
    riskCancelling: a.riskCancelling || b.riskCancelling,
  };
}

type Own = Omit<DeriveParameters, 'numeraire' | 'underlying' | 'collateral'>;

/**
 * PMRM: what is charged beside the scenarios counts with the initial factor too, options are not discounted, losses neither. The initial part
 * holds at the price that the stable feed has at the block. Its rate is that of a feed of its own; of several, the highest, which takes the most off.
 */
function firstParameters(
  { other, margin, stablePrice, rates, ...model }: PortfolioModel,
  expiries: readonly number[],
): Own {
  const own = expiries.map((expiry) => rates?.get(expiry));
  const isKnown = !own.includes(undefined);
  const rate = own.reduce<bigint>((most, next) => max(most, next ?? 0n), 0n);
  const rateAdd = get(margin, 'rateAddScale') + (isKnown ? mul(rate, get(margin, 'rateMultScale')) : 0n);
  const peg = mul(max(0n, get(other, 'pegLossThreshold') - stablePrice), get(other, 'pegLossFactor'));
  const more = get(margin, 'imFactor') + peg - UNIT;
  return {
    discounting: 'none',
    mmFactor: 1,
    imFactor: float(margin, 'imFactor'),
    ...shocksOf(model),
    skewShock: { linearCap: 0, linearBase: 0, absCap: 0, absBase: 0, minK: 0, width: 0, volStatic: 0, volScale: 0 },
    staticDiscount: {
      longBase: float(margin, 'baseStaticDiscount'),
      longRateMult: isKnown ? 0 : float(margin, 'rateMultScale'),
      longRateAdd: wad(rateAdd),
      shortBase: 1,
      shortRateMult: 0,
      shortRateAdd: 0,
    },
    charges: {
      ...confidenceOf(other),
      perpMm: float(other, 'perpPercent'),
      perpIm: wad(mul(get(other, 'perpPercent'), more)),
      optionMm: float(other, 'optionPercent'),
      optionIm: wad(mul(get(other, 'optionPercent'), more)),
    },
  };
}

function secondParameters({ other, margin, skewShock = {}, ...model }: PortfolioModel): Own {
  return {
    mmFactor: float(margin, 'mmFactor'),
    imFactor: float(margin, 'imFactor'),
    ...shocksOf(model),
    skewShock: {
      linearCap: float(skewShock, 'linearBaseCap'),
      linearBase: float(skewShock, 'linearCBase'),
      absCap: float(skewShock, 'absBaseCap'),
      absBase: float(skewShock, 'absCBase'),
      minK: float(skewShock, 'minKStar'),
      width: float(skewShock, 'widthScale'),
      volStatic: float(skewShock, 'volParamStatic'),
      volScale: float(skewShock, 'volParamScale'),
    },
    staticDiscount: {
      longBase: float(margin, 'longBaseStaticDiscount'),
      longRateMult: float(margin, 'longRateMultScale'),
      longRateAdd: float(margin, 'longRateAddScale'),
      shortBase: float(margin, 'shortBaseStaticDiscount'),
      shortRateMult: float(margin, 'shortRateMultScale'),
      shortRateAdd: float(margin, 'shortRateAddScale'),
    },
    charges: {
      ...confidenceOf(other),
      perpMm: float(other, 'MMPerpPercent'),
      perpIm: float(other, 'IMPerpPercent'),
      optionMm: float(other, 'MMOptionPercent'),
      optionIm: float(other, 'IMOptionPercent'),
    },
  };
}

function shocksOf({ volShock, basis }: Pick<PortfolioModel, 'volShock' | 'basis'>): Pick<Own, 'volShock' | 'basis'> {
  return {
    volShock: {
      up: float(volShock, 'volRangeUp'),
      down: float(volShock, 'volRangeDown'),
      floor: 'minVolUpShock' in volShock ? float(volShock, 'minVolUpShock') : 0,
      shortPower: float(volShock, 'shortTermPower'),
      longPower: float(volShock, 'longTermPower'),
      dteFloorDays: Number(get(volShock, 'dteFloor')) / SECONDS_PER_DAY,
    },
    basis: {
      up: float(basis, 'spotUp'),
      down: float(basis, 'spotDown'),
      add: float(basis, 'addFactor'),
      mult: float(basis, 'multFactor'),
    },
  };
}

function confidenceOf(other: Numbers) {
  return {
    pegThreshold: float(other, 'pegLossThreshold'),
    pegFactor: float(other, 'pegLossFactor'),
    confidenceThreshold: float(other, 'confThreshold'),
    confidenceFactor: float(other, 'confMargin'),
  };
}

/** PMRM charges its base asset by the price alone, the engine by what it is worth in cash: the price of the stable is taken out again. */
function collateralOf(
  { kind, collateral, other, margin, stablePrice }: PortfolioModel,
  address: string,
): DeriveCollateral | undefined {
  if (kind === 'portfolio') {
    const peg = mul(max(0n, get(other, 'pegLossThreshold') - stablePrice), get(other, 'pegLossFactor'));
    const charge = mul(get(other, 'basePercent'), stablePrice);
    const more = get(margin, 'imFactor') + peg - UNIT;
    return { mmHaircut: wad(charge), imHaircut: wad(mul(charge, more)), riskCancelling: true };
  }
  const terms = collateral?.get(address.toLowerCase());
  if (terms === undefined || !terms.isEnabled) return undefined;
  return { mmHaircut: wad(terms.MMHaircut), imHaircut: wad(terms.IMHaircut), riskCancelling: terms.isRiskCancelling };
}

function scenarioOf(
  { spotShock, volShock, dampeningFactor = UNIT }: PortfolioModel['scenarios'][number],
  index: number,
): DeriveScenario {
  const vol = DIRECTIONS[volShock];
  if (vol === undefined) throw new UnknownDeriveScenarioError(volShock, DIRECTIONS.length);
  return { id: `s${index}`, spot: wad(spotShock), vol, weight: wad(dampeningFactor) };
}

type Numbers = Readonly<Record<string, bigint>>;

function get(numbers: Numbers, name: string): bigint {
  return numbers[name] as bigint;
}

function float(numbers: Numbers, name: string): number {
  return wad(get(numbers, name));
}

function wad(raw: bigint): number {
  return toFloat({ raw, decimals: 18 });
}
