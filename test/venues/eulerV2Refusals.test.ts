import type { Address } from 'viem';
import { expect, test } from 'vitest';
import type { AssetConfig } from '../../src/chain/deployment.ts';
import { CallFailedError } from '../../src/chain/read.ts';
import { VenueDisagreesError } from '../../src/venues/agreement.ts';
import { AmbiguousCollateralError } from '../../src/venues/collateral.ts';
import { EulerSubAccountError } from '../../src/venues/eulerV2.ts';
import { EulerConnectorError, EulerControllersError, UnknownEulerVaultError } from '../../src/venues/eulerV2Check.ts';
import { EulerDiscountError } from '../../src/venues/eulerV2Math.ts';
import { NotDeployedError, requireIdentity } from '../../src/venues/identity.ts';
import { createVenues } from '../../src/venues/index.ts';
import { outcomeOf } from '../../src/venues/outcomes.ts';
import { DeploymentFileError, parseDeployment } from '../../src/venues/parseDeployment.ts';
import { UnknownTokenError } from '../../src/venues/tokens.ts';
import type { Venue } from '../../src/venues/venue.ts';
import { ReceiptTokenError } from '../../src/venues/wallet.ts';
import { type Alteration, alter, deploymentOf, loadEuler, play, readNamed, VIEWS } from './support/eulerV2.ts';

const recording = await loadEuler();
const { contracts, accounts, expected } = recording;
const at = (name: string) => contracts[name] as Address;
const account = (name: string) => accounts[name] as Address;
const [eUSDC, eWETH, eDAI, eUSDC2] = ['eUSDC', 'eWETH', 'eDAI', 'eUSDC2'].map(at) as [
  Address,
  Address,
  Address,
  Address,
];
const STRANGER: Address = '0x000000000000000000000000000000000000c0DE';
const OWNERS = ['alice', 'bob', 'carol', 'dave', 'frank', 'grace', 'heidi', 'judy', 'ken', 'lea', 'mia', 'whale'];

/** Of all owners, those who are refused once some answers are others. */
async function refusedBy(alterations: readonly Alteration[], names = OWNERS) {
  const outcomes = await readNamed(alter(recording, alterations), names);
  return Object.fromEntries(Object.entries(outcomes).filter(([, outcome]) => outcome instanceof Error));
}

test('default: nobody is refused', async () => {
  expect(await refusedBy([])).toEqual({});
});

test('error: a sub-account is refused by the name of its owner, under whom it is reported', async () => {
  const refused = await refusedBy([], ['alice', 'alice#1', 'ken#3']);
  expect(Object.keys(refused)).toEqual(['alice#1', 'ken#3']);
  expect(refused['alice#1']).toBeInstanceOf(EulerSubAccountError);
  expect(refused['alice#1']).toMatchObject({ account: account('alice#1'), owner: account('alice') });
});

test('error: more than one controller, as inside of a batch, refuses that account alone', async () => {
  const controllers = [eUSDC, eWETH];
  const refused = await refusedBy([
    { to: at('EVC'), says: VIEWS.getControllers, args: [account('dave')], result: controllers },
  ]);
  expect(Object.keys(refused)).toEqual(['dave']);
  expect(refused.dave).toBeInstanceOf(EulerControllersError);
  expect(refused.dave).toMatchObject({ account: account('dave'), controllers });
});

test('error: a controller that the deployment does not name is a debt that is not known', async () => {
  const vaults = ['eWETH', 'eWBTC', 'eDAI', 'eUSDC2'].map(at);
  const outcomes = await readNamed(recording, ['bob', 'dave', 'judy', 'mia'], deploymentOf(recording, { vaults }));
  expect(Object.keys(outcomes).filter((name) => outcomes[name] instanceof UnknownEulerVaultError)).toEqual([
    'dave',
    'judy',
  ]);
  // Of judy the controller is known, and her collateral is not.
  expect(outcomes.dave).toMatchObject({ account: account('dave'), vault: eUSDC });
  expect(outcomes.judy).toMatchObject({ account: account('judy'), vault: eUSDC });
});

/** Judy with collateral that is no vault of the deployment. */
const stranger = (shares: Pick<Alteration, 'result' | 'revert'>): readonly Alteration[] => [
  { to: at('EVC'), says: VIEWS.getCollaterals, args: [account('judy')], result: [eUSDC, STRANGER] },
  { to: eWETH, says: VIEWS.LTVList, result: [eUSDC, STRANGER] },
  { to: eWETH, says: VIEWS.LTVFull, args: [STRANGER], result: [8_000, 8_500, 0, 1_795_169_468, 0] },
  { to: eWETH, says: VIEWS.LTVLiquidation, args: [STRANGER], result: 8_500 },
  { to: STRANGER, says: VIEWS.balanceOf, args: [account('judy')], ...shares },
];

test('error: collateral that the deployment does not name refuses whoever has some of it', async () => {
  expect(await refusedBy(stranger({ result: 0n }))).toEqual({});
  const refused = await refusedBy(stranger({ result: 1n }));
  expect(Object.keys(refused)).toEqual(['judy']);
  expect(refused.judy).toBeInstanceOf(UnknownEulerVaultError);
  expect(refused.judy).toMatchObject({ account: account('judy'), vault: STRANGER });
  expect((await refusedBy(stranger({ revert: '0x' }))).judy).toBeInstanceOf(CallFailedError);
});

test('error: a vault under another connector refuses whoever has something there', async () => {
  const says = 'function EVC() view returns (address)';
  const foreign: Alteration = { to: eUSDC2, says, result: STRANGER };
  const refused = await refusedBy([foreign]);
  expect(Object.keys(refused)).toEqual(['whale']);
  expect(refused.whale).toBeInstanceOf(EulerConnectorError);
  expect(refused.whale).toMatchObject({ vault: eUSDC2, connector: STRANGER });
  await play(alter(recording, [foreign]), async (chain) => {
    await expect(requireIdentity(chain, deploymentOf(recording))).rejects.toThrow(NotDeployedError);
  });
});

test('error: a token that no asset names refuses whoever has some of it, at the bottom of a nested vault too', async () => {
  const { DAI: _, ...assets } = deploymentOf(recording).assets;
  const outcomes = await readNamed(recording, OWNERS, { ...deploymentOf(recording), assets });
  const refused = Object.entries(outcomes).filter(([, outcome]) => outcome instanceof UnknownTokenError);
  expect(refused.map(([name]) => name)).toEqual(['alice', 'bob', 'grace', 'ken']);
  const unlisted = deploymentOf(recording, { vaults: [eUSDC2] });
  const nested = alter(recording, [{ to: eUSDC2, says: 'function asset() view returns (address)', result: eUSDC }]);
  expect((await readNamed(nested, ['whale'], unlisted)).whale).toBeInstanceOf(UnknownTokenError);
});

const disagreements: readonly (readonly [string, Alteration, readonly string[]])[] = [
  [
    `convertToAssets of ${eWETH}`,
    {
      to: eWETH,
      says: VIEWS.convertToAssets,
      args: [20_957_254_039_756_745_070n],
      result: 20_957_589_472_732_068_106n,
    },
    ['dave'],
  ],
  [
    `totalAssets of ${eUSDC2}`,
    { to: eUSDC2, says: 'function totalAssets() view returns (uint256)', result: 1n },
    ['whale'],
  ],
  [
    `debtOf in ${eUSDC}`,
    {
      to: eUSDC,
      says: 'function debtOf(address) view returns (uint256)',
      args: [account('dave')],
      result: 53_522_966_371n,
    },
    ['dave'],
  ],
  [
    `LTVLiquidation of ${eDAI} in ${eUSDC}`,
    { to: eUSDC, says: VIEWS.LTVLiquidation, args: [eDAI], result: 3_270 },
    ['alice'],
  ],
  [
    'collateralValue',
    {
      to: eUSDC,
      says: VIEWS.accountLiquidity,
      args: [account('carol#5'), true],
      result: [133_652_139_145_570_640_035_387n, 134_259_780_547_619_600_000_000n],
    },
    ['carol'],
  ],
  [
    'liabilityValue',
    {
      to: eUSDC,
      says: VIEWS.accountLiquidity,
      args: [account('carol#5'), true],
      result: [133_652_139_145_570_640_035_386n, 134_259_780_547_619_599_999_999n],
    },
    ['carol'],
  ],
];

test.each(disagreements)(
  'error: a vault that says another %s by one unit refuses whoever it concerns',
  async (figure, change, names) => {
    const debtQuote: readonly Alteration[] =
      figure === `debtOf in ${eUSDC}`
        ? [{ to: at('EulerRouter'), says: VIEWS.getQuote, args: [53_522_966_371n, at('USDC'), at('USD')], result: 1n }]
        : [];
    const refused = await refusedBy([change, ...debtQuote]);
    expect(Object.keys(refused)).toEqual(names);
    for (const name of names) {
      expect(refused[name]).toBeInstanceOf(VenueDisagreesError);
      expect(refused[name]).toMatchObject({ venue: 'eulerV2', figure });
    }
  },
);

const TOO_STALE = `0xa6e68d63${'0'.repeat(127)}1` as const;
const quoteOfCarol = { to: at('EulerRouter'), says: VIEWS.getQuote, args: [50n * 10n ** 18n, eWETH, at('USD')] };
const liquidityOfCarol = { to: eUSDC, says: VIEWS.accountLiquidity, args: [account('carol#5'), true] };

test('error: an oracle that fails for any other reason than an old price refuses who owes there, and nobody else', async () => {
  const revert = '0x12345678';
  const refused = await refusedBy([
    { ...quoteOfCarol, revert },
    { ...liquidityOfCarol, revert },
  ]);
  expect(Object.keys(refused)).toEqual(['carol']);
  expect(refused.carol).toBeInstanceOf(CallFailedError);
  expect(refused.carol).toMatchObject({ functionName: 'getQuote' });
});

test('error: an old price that only the vault, or only a quote, complains of is refused', async () => {
  const byVault = await refusedBy([{ ...liquidityOfCarol, revert: TOO_STALE }]);
  expect(byVault.carol).toMatchObject({ code: 'CallFailedError', functionName: 'accountLiquidity' });
  const byQuote = await refusedBy([{ ...quoteOfCarol, revert: TOO_STALE }]);
  expect(byQuote.carol).toMatchObject({ code: 'CallFailedError', functionName: 'getQuote' });
  const byBoth = [
    { ...quoteOfCarol, revert: TOO_STALE },
    { ...liquidityOfCarol, revert: TOO_STALE },
  ];
  expect(await refusedBy(byBoth)).toEqual({});
});

test('error: two vaults of one asset that count at different ratios are refused as one silo', async () => {
  const judy = account('judy');
  const second = (liquidationLtv: number): readonly Alteration[] => [
    { to: at('EVC'), says: VIEWS.getCollaterals, args: [judy], result: [eUSDC, eUSDC2] },
    { to: eWETH, says: VIEWS.LTVList, result: [eUSDC, eUSDC2] },
    { to: eWETH, says: VIEWS.LTVFull, args: [eUSDC2], result: [8_000, liquidationLtv, 0, 1_795_169_468, 0] },
    { to: eWETH, says: VIEWS.LTVLiquidation, args: [eUSDC2], result: liquidationLtv },
    { to: eUSDC2, says: VIEWS.balanceOf, args: [judy], result: 1_000_000n },
    { to: at('EulerRouter'), says: VIEWS.getQuote, args: [1_000_000n, eUSDC2, at('USD')], result: 10n ** 18n },
    {
      to: eWETH,
      says: VIEWS.accountLiquidity,
      args: [judy, true],
      result: [337_791_747_228_361_215_000_000n + 85n * 10n ** 16n, 267_375_337_447_791_835_988_550n],
    },
  ];
  expect(expected.judy?.collaterals).toEqual([eUSDC]);
  expect(await refusedBy(second(8_500))).toEqual({});
  const refused = await refusedBy(second(8_600));
  expect(Object.keys(refused)).toEqual(['judy']);
  expect(refused.judy).toBeInstanceOf(AmbiguousCollateralError);
  expect(refused.judy).toMatchObject({ account: judy, asset: 'USDC' });
});

test('error: shares that the wallet counts as well are refused', async () => {
  const { assets, venues, ...rest } = deploymentOf(recording);
  const { BTC, ...others } = assets as { BTC: AssetConfig };
  const counted = { ...others, BTC: { ...BTC, tokens: [...BTC.tokens, at('eWBTC')] } };
  const names = ['alice', 'frank', 'mia', 'whale'];
  const inWallet = await play(recording, async (chain) => {
    const [venue] = createVenues({ ...rest, assets: counted, venues: { ...venues, wallet: {} } }) as [Venue];
    const raws = await venue.read(chain, names.map(account));
    return names.filter((_, i) => outcomeOf(venue, raws[i]) instanceof ReceiptTokenError);
  });
  // The wallet knows nothing of alice#2.
  expect(inWallet).toEqual(['frank', 'mia']);
  const alone = await readNamed(recording, names, { ...rest, assets: counted, venues });
  expect(Object.values(alone).filter((outcome) => outcome instanceof Error)).toEqual([]);
});

test('error: a discount of everything, which no vault can have, refuses who could be liquidated at it', async () => {
  const says = 'function maxLiquidationDiscount() view returns (uint16)';
  const refused = await refusedBy([{ to: eDAI, says, result: 10_000 }]);
  expect(Object.keys(refused)).toEqual(['ken']);
  expect(refused.ken).toBeInstanceOf(EulerDiscountError);
});

test('error: a deployment names either vaults or a factory', () => {
  const { vaults } = deploymentOf(recording).venues.eulerV2 ?? {};
  const textOf = (eulerV2: object) =>
    JSON.stringify({ ...deploymentOf(recording), venues: { eulerV2: { evc: at('EVC'), ...eulerV2 } } });
  expect(parseDeployment(textOf({ vaults })).venues.eulerV2).toEqual({ evc: at('EVC'), vaults });
  for (const config of [{}, { vaults: [] }, { vaults, factory: at('GenericFactory') }]) {
    expect(() => parseDeployment(textOf(config))).toThrow(DeploymentFileError);
  }
});
