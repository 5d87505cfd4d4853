import { type Address, getAddress } from 'viem';
import { expect, test } from 'vitest';
import type { EulerRaw } from '../../src/venues/eulerV2Read.ts';
import { sortAccounts } from '../../src/venues/holders.ts';
import { createVenues } from '../../src/venues/index.ts';
import { outcomeOf } from '../../src/venues/outcomes.ts';
import type { CarryForward, Venue } from '../../src/venues/venue.ts';
import type { EulerRecording } from './support/eulerV2.ts';
import { type Alteration, alter, deploymentOf, loadEuler, ownersOf, play, VIEWS, without } from './support/eulerV2.ts';

const recording = await loadEuler();
const { contracts, accounts } = recording;
const at = (name: string) => contracts[name] as Address;
const account = (name: string) => accounts[name] as Address;
const [venue] = createVenues(deploymentOf(recording)) as readonly [Venue<EulerRaw>];
const { touched, carry } = venue.carryForward as CarryForward<EulerRaw>;
const owners = ownersOf(recording);
const raws = await play(recording, (chain) => venue.read(chain, owners));

const figuresOf = (raw: EulerRaw) => {
  const { positions, silos, healths } = venue.toPositions(raw);
  return { positions, silos, healths: healths.map(({ silo, healthComputedWad }) => ({ silo, healthComputedWad })) };
};

/** Without anything that says what is stored of an account, and without the vaults' own word on it. */
const shared = [VIEWS.balanceOf, VIEWS.getCollaterals, VIEWS.getControllers, VIEWS.convertToAssets].reduce(
  without<EulerRecording>,
  recording,
);

test('default: an untouched account keeps its shares, and everything else is read as a full reading reads it', async () => {
  const carried = await play(shared, (chain) => carry(chain, raws));
  expect(carried.map(figuresOf)).toEqual(raws.map(figuresOf));
  const owns = carried.flatMap((raw) => venue.toPositions(raw).healths.map(({ healthOwnWad }) => healthOwnWad));
  expect(new Set(owns)).toEqual(new Set([null]));
});

test('behavior: what is owed grows without a log, and is read of whoever is carried', async () => {
  const exact = 136_424_107_999n << 31n;
  const args = [account('heidi')];
  const later = alter(shared, [
    { to: at('eUSDC'), says: 'function debtOf(address) view returns (uint256)', args, result: 136_424_107_999n },
    { to: at('eUSDC'), says: 'function debtOfExact(address) view returns (uint256)', args, result: exact },
    {
      to: at('EulerRouter'),
      says: VIEWS.getQuote,
      args: [136_424_107_999n, at('USDC'), at('USD')],
      result: 10n ** 23n,
    },
  ]);
  const [heidi] = await play(later, (chain) =>
    carry(
      chain,
      raws.filter((raw) => raw.account === account('heidi')),
    ),
  );
  const { positions, healths } = venue.toPositions(heidi as EulerRaw);
  expect(positions.map(({ amount }) => amount.raw)).toContain(-136_424_107_999n);
  expect(healths[0]?.healthComputedWad).toBe((472_907_902_870_673_869_140_204n * 10n ** 18n) / 10n ** 23n);
});

test('behavior: a price that is too old is borne with, and any other failure has the account read in full', async () => {
  const quote = { to: at('EulerRouter'), says: VIEWS.getQuote, args: [100_500n * 10n ** 15n, at('eWETH'), at('USD')] };
  const failing = async (revert: NonNullable<Alteration['revert']>) => {
    const alice = raws.filter((raw) => raw.account === account('alice'));
    const [carried] = await play(alter(shared, [{ ...quote, revert }]), (chain) => carry(chain, alice));
    return outcomeOf(venue, carried as EulerRaw);
  };
  expect(await failing('0x12345678')).toMatchObject({ code: 'CallFailedError', functionName: 'getQuote' });
  const healths = [{ silo: `eulerV2:1:${at('eUSDC')}`, healthComputedWad: null }, {}];
  expect(await failing(`0xa6e68d63${'0'.repeat(128)}`)).toMatchObject({ healths });
});

test('behavior: touched is whoever a log names, and everybody under whom that may be reported', async () => {
  const names = ['dave', 'erin', 'erin#9', 'grace', 'grace#7', 'heidi', 'whale'];
  // Since block 304 grace#7 lost its controller, dave and erin#9 collateral to heidi, and a receiver of fees and the whale got shares.
  const wanted = sortAccounts([...names.map(account), '0x70997970C51812dc3A010C7d01b50e0d17dc79C8']);
  await play(recording, async (chain) => {
    expect(await touched(chain, 304)).toEqual(wanted);
    expect(await touched(chain, 405)).toEqual([]);
    const all = await touched(chain, 0);
    expect(Object.values(accounts).filter((one) => !all.includes(getAddress(one)))).toEqual([]);
  });
});
