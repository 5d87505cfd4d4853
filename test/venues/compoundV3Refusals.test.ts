import type { Address } from 'viem';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Recording } from '../../scripts/recording/recording.ts';
import type { Refusal } from '../../src/errors.ts';
import { requireIdentity } from '../../src/venues/identity.ts';
import { type AccountOutcomes, readEachAccount } from '../../src/venues/index.ts';
import { parseDeployment } from '../../src/venues/parseDeployment.ts';
import {
  altered,
  type CometRecording,
  cometDeployment,
  loadCometRecording,
  playing,
  REVERTED,
  withWord,
} from './support/cometRecording.ts';

let recording: CometRecording;
let whole: AccountOutcomes;
let usdc: Address;
let weth: Address;

beforeAll(async () => {
  recording = await loadCometRecording();
  usdc = recording.contracts.cUSDCv3 as Address;
  weth = recording.contracts.cWETHv3 as Address;
  whole = await outcomes(recording);
  expect(whole.refused).toEqual([]);
});

async function outcomes(played: Recording, without: readonly string[] = []): Promise<AccountOutcomes> {
  const deployment = cometDeployment(recording, without);
  const query = { deployment, accounts: Object.values(recording.accounts) };
  return (await playing(played, (chain) => readEachAccount(chain, query))).value;
}

/** Who is refused, by name, with the error's code; everybody else is what they are in the whole recording. */
async function refused(played: Recording, without: readonly string[] = []): Promise<Readonly<Record<string, Refusal>>> {
  const found = await outcomes(played, without);
  const others = new Set(found.read.map(({ account }) => account));
  expect(found.read).toEqual(whole.read.filter(({ account }) => others.has(account)));
  const nameOf = (account: Address) => Object.entries(recording.accounts).find(([, own]) => own === account)?.[0] ?? '';
  return Object.fromEntries(found.refused.map((refusal) => [nameOf(refusal.account), refusal]));
}

const codes = (refusals: Readonly<Record<string, Refusal>>) =>
  Object.fromEntries(Object.entries(refusals).map(([name, { error }]) => [name, error.code]));

const all = (names: readonly string[], code: string) => Object.fromEntries(names.map((name) => [name, code]));
const about = (name: string) => recording.accounts[name] as Address;
const digits = (value: string) => value.padStart(64, '0');
const text = (value: string) =>
  `0x${digits('20')}${digits(value.length.toString(16))}${Buffer.from(value).toString('hex').padEnd(64, '0')}` as const;

const AT_WETH = ['alice', 'bob', 'ken', 'lea'];

describe('compoundV3, refusing', () => {
  test('error: UnknownCometError for a version that is not known, for who has something there and nobody else', async () => {
    const version = altered(recording, { to: weth, says: 'version()' }, () => ({ result: text('1') }));
    const found = await refused(version);
    expect(codes(found)).toEqual(all(AT_WETH, 'UnknownCometError'));
    expect(found.bob?.error.message).toMatch(/0x9E54.* says version = 1, a Comet that the adapter knows says 0/);
  });

  test.each([
    ['maxAssets()', 12n],
    ['maxAssets()', 24n],
    ['baseIndexScale()', 10n ** 18n],
    ['factorScale()', 10n ** 4n],
    ['priceScale()', 10n ** 18n],
  ])('error: UnknownCometError for %s of %s', async (says, value) => {
    const other = altered(recording, { to: weth, says }, () => ({
      result: `0x${digits(value.toString(16))}` as const,
    }));
    expect(codes(await refused(other))).toEqual(all(AT_WETH, 'UnknownCometError'));
  });

  test('error: CallFailedError for an implementation that lacks a view, and for one that lists no asset', async () => {
    const views = ['borrowPerSecondInterestRateSlopeHigh()', 'totalsBasic()', 'getAssetInfo(uint8)'];
    for (const says of views) {
      const found = await refused(altered(recording, { to: weth, says }, () => REVERTED));
      expect(codes(found)).toEqual(all(AT_WETH, 'CallFailedError'));
      expect(found.ken?.error.message).toContain(says.split('(')[0]);
    }
  });

  test('error: UnknownAssetBitError for a bit that no asset has, and for upper bits of a market without an asset list', async () => {
    const basic = { says: 'userBasic(address)', about: about('ken') };
    const bit = altered(recording, { to: weth, ...basic }, ({ result = '0x' }) => ({
      result: withWord(result, 3, 3n),
    }));
    const found = await refused(bit);
    expect(codes(found)).toEqual({ ken: 'UnknownAssetBitError' });
    expect(found.ken?.error.message).toMatch(/assetsIn = 3 and _reserved = 0 in the market 0x9E54/);
    for (const to of [usdc, weth]) {
      const upper = altered(recording, { to, ...basic }, ({ result = '0x' }) => ({ result: withWord(result, 4, 1n) }));
      expect(codes(await refused(upper))).toEqual({ ken: 'UnknownAssetBitError' });
    }
  });

  test('error: UnknownTokenError for who holds or owes a token of no asset', async () => {
    expect(codes(await refused(recording, ['wstETH']))).toEqual(all(['bob', 'ken', 'lea'], 'UnknownTokenError'));
    expect(codes(await refused(recording, ['COMP']))).toEqual(all(['bob', 'frank', 'judy'], 'UnknownTokenError'));
  });

  test('error: CallFailedError where a feed fails, for who owes against its asset: the others stay readable', async () => {
    const of = (feed: string) => ({ to: usdc, says: 'getPrice(address)', about: recording.contracts[feed] as Address });
    const asset = await refused(altered(recording, of('feedCOMP'), () => REVERTED));
    // Judy holds it and owes nothing.
    expect(codes(asset)).toEqual(all(['bob', 'frank'], 'CallFailedError'));
    expect(asset.frank?.error.message).toMatch(/^getPrice\(/);
    const base = await refused(altered(recording, of('feedUSDC'), () => REVERTED));
    expect(codes(base)).toEqual(all(['bob', 'carol', 'frank', 'lea'], 'CallFailedError'));
  });

  test.each([
    'userBasic(address)',
    'borrowBalanceOf(address)',
    'isLiquidatable(address)',
    'userCollateral(address,address)',
  ])('error: CallFailedError where %s fails, for that account', async (says) => {
    const failing = altered(recording, { to: usdc, says, about: about('carol') }, () => REVERTED);
    expect(codes(await refused(failing))).toEqual({ carol: 'CallFailedError' });
  });

  test.each(['isLiquidatable(address)', 'isBorrowCollateralized(address)'])(
    'error: VenueDisagreesError where %s is not what the stored index gives',
    async (says) => {
      const asked = { to: usdc, says, about: about('carol') };
      const found = await refused(altered(recording, asked, () => ({ result: `0x${digits('1')}` as const })));
      expect(codes(found)).toEqual({ carol: 'VenueDisagreesError' });
      expect(found.carol?.error.message).toContain(`says ${says.split('(')[0]} = 1 for`);
    },
  );

  test.each([
    ['balanceOf(address)', 'alice'],
    ['borrowBalanceOf(address)', 'bob'],
  ])('error: VenueDisagreesError where %s is one unit off', async (says, name) => {
    const more = altered(recording, { to: usdc, says, about: about(name) }, ({ result = '0x' }) => ({
      result: withWord(result, 0, BigInt(result) + 1n),
    }));
    expect(codes(await refused(more))).toEqual({ [name]: 'VenueDisagreesError' });
  });

  test('error: VenueDisagreesError where interest runs by another rate, for everybody in the market', async () => {
    const says = 'borrowPerSecondInterestRateBase()';
    const other = altered(recording, { to: weth, says }, ({ result = '0x' }) => ({
      result: withWord(result, 0, BigInt(result) + 1_000_000n),
    }));
    expect(codes(await refused(other))).toEqual(all(AT_WETH, 'VenueDisagreesError'));
  });
});

describe('compoundV3, in a deployment', () => {
  const write = (compoundV3: unknown) => JSON.stringify({ ...cometDeployment(recording), venues: { compoundV3 } });

  test('default: markets by list or by name, or the Configurator', () => {
    const { Configurator: configurator } = recording.contracts;
    for (const part of [{ markets: [usdc] }, { markets: { usdc, weth }, fromBlock: 7 }, { configurator }]) {
      expect(parseDeployment(write(part)).venues.compoundV3).toEqual(part);
    }
  });

  test.each([
    [{}, /name the markets, or the configurator/],
    [{ markets: [] }, /markets/],
    [{ markets: {} }, /markets/],
    [{ markets: ['0x12'] }, /markets/],
    [{ comets: [] }, /comets/],
  ])('error: DeploymentFileError for %j', (part, message) => {
    expect(() => parseDeployment(write(part))).toThrow(message);
  });

  test('error: NotDeployedError where a market is none', async () => {
    const deployment = { ...cometDeployment(recording), assets: {} };
    await playing(recording, (chain) => requireIdentity(chain, deployment));
    const says = 'baseTokenPriceFeed()';
    const other = altered(recording, { to: weth, says }, () => REVERTED);
    await expect(playing(other, (chain) => requireIdentity(chain, deployment))).rejects.toThrow(
      /0x9E54.* is not a Comet: asked for/,
    );
  });
});
