import type { Address } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { subAccountsAbi } from '../../src/venues/abi/deriveV2.ts';
import { type AccountPositions, readAccounts } from '../../src/venues/index.ts';
import { withAnswer } from './support/deriveChange.ts';
import { type DeriveRecording, type ExpectedSubaccount, loadDerive, playDerive } from './support/deriveRecording.ts';

let recording: DeriveRecording;
let play: Awaited<ReturnType<typeof playDerive>>;
let read: readonly AccountPositions[];
let owners: readonly Address[];

beforeAll(async () => {
  recording = await loadDerive();
  play = await playDerive(recording);
  owners = [...new Set(Object.values(recording.expected).map(({ beneficialOwner }) => beneficialOwner))];
  read = await readAccounts(play.chain, { deployment: play.deployment, accounts: owners });
});
afterAll(() => play.player.stop());

const wallet = (name: string) => recording.wallets[name] as Address;
const silosOf = ({ silos }: AccountPositions) => silos.map(({ id }) => id);
const of = (account: Address) => read.find((one) => one.account === account) as AccountPositions;

async function readOther(changed: DeriveRecording, accounts: readonly Address[] = owners) {
  const other = await playDerive(changed);
  try {
    return await readAccounts(other.chain, { deployment: other.deployment, accounts });
  } finally {
    other.player.stop();
  }
}

/** What the recording expects of a subaccount, a line a leg. */
function expectedLines({ subAccountId, cash, base, options, perps }: ExpectedSubaccount): string[] {
  const nameOf = (asset: string) => asset.split('.')[0];
  const legs = [
    ['token', 'USDC', cash.withInterest],
    ...base.map(({ name, balance18 }) => ['token', nameOf(name), balance18]),
    ...options.map(({ name, expiry, strike, isCall, balance, settlement }) =>
      settlement.settled
        ? ['token', 'USDC', settlement.payout]
        : ['option', nameOf(name), isCall ? 'call' : 'put', expiry, strike, balance],
    ),
    ...perps.map(({ name, balance, unsettledAndUnrealizedCash }) => {
      return ['perp', nameOf(name), balance, unsettledAndUnrealizedCash];
    }),
  ];
  return legs.filter((leg) => leg.at(-1) !== '0').map((leg) => [`deriveV2:${subAccountId}`, ...leg].join(' '));
}

function linesOf({ positions }: AccountPositions): string[] {
  return positions.map((leg): string => {
    expect(leg).toMatchObject({ venue: 'deriveV2', custody: 'observed', amount: { decimals: 18 } });
    const amount = leg.amount.raw;
    if (leg.kind === 'token') return [leg.silo, 'token', leg.asset, amount].join(' ');
    if (leg.kind === 'range') return 'no range';
    const { silo, underlying } = leg;
    if (leg.kind === 'perp')
      return [silo, 'perp', underlying, amount, leg.unrealisedUsd.raw + leg.fundingUsd.raw].join(' ');
    return [silo, 'option', underlying, leg.type, leg.expiry, leg.strike.raw, amount].join(' ');
  });
}

describe('deriveV2', () => {
  test('default: the legs of all 19 subaccounts are what was recorded, to the last unit', () => {
    let subaccounts = 0;
    for (const one of read) {
      const own = Object.values(recording.expected).filter(({ beneficialOwner }) => beneficialOwner === one.account);
      expect(linesOf(one).sort()).toEqual(own.flatMap(expectedLines).sort());
      subaccounts += own.length;
    }
    expect(subaccounts).toBe(19);
    expect(read.flatMap(silosOf)).toHaveLength(15);
    expect(play.player.missing).toEqual([]);
  });

  test('behavior: profit and funding of a perp are told apart', () => {
    const perp = of(wallet('eve')).positions.find((leg) => leg.kind === 'perp' && leg.silo === 'deriveV2:11');
    if (perp?.kind !== 'perp') expect.unreachable();
    // 25 contracts, settled last at 2,679, marked at 2,442: what remains is funding.
    expect(perp.unrealisedUsd.raw).toBe(25n * (2442n - 2679n) * 10n ** 18n);
    expect(perp.fundingUsd.raw).toBe(-5910452122395833397500n - perp.unrealisedUsd.raw);
  });

  test('behavior: an owner is reported with all subaccounts, a silo each, by id', () => {
    expect(silosOf(of(wallet('alice')))).toEqual(['deriveV2:7', 'deriveV2:16']);
    expect(silosOf(of(wallet('eve')))).toEqual(['deriveV2:11', 'deriveV2:12']);
  });

  test('behavior: what Matching holds is that of whom it is held for, and not its own', async () => {
    expect(silosOf(of(wallet('bob')))).toEqual(['deriveV2:8', 'deriveV2:19']);
    const [matching] = await readOther(recording, [recording.contracts.Matching as Address]);
    expect(matching).toMatchObject({ positions: [], silos: [], healths: [] });
  });

  test("behavior: a deposit that no log names is found by Matching's own word", async () => {
    const matching = recording.contracts.Matching as Address;
    const logs = recording.logs.filter(({ address }) => address.toLowerCase() !== matching.toLowerCase());
    expect(logs.length).toBeLessThan(recording.logs.length);
    const [bob] = await readOther({ ...recording, logs }, [wallet('bob')]);
    expect(bob).toEqual(of(wallet('bob')));
  });

  test('behavior: without Matching in the deployment the subaccount is its holder’s', async () => {
    const { matching: _, ...config } = play.deployment.venues.deriveV2;
    const accounts = [wallet('bob'), recording.contracts.Matching as Address];
    const deployment = { ...play.deployment, venues: { deriveV2: config } };
    const own = await readAccounts(play.chain, { deployment, accounts });
    expect(own.map(silosOf)).toEqual([['deriveV2:8'], ['deriveV2:19']]);
  });

  test('behavior: a subaccount that was given away is that of whoever has it', () => {
    expect(silosOf(of(wallet('grace')))).toEqual(['deriveV2:14', 'deriveV2:17']);
    expect(silosOf(of(wallet('alice')))).not.toContain('deriveV2:17');
  });

  test('behavior: managers and the security module are owners as others are', () => {
    expect(silosOf(of(recording.contracts.SecurityModule as Address))).toEqual(['deriveV2:2']);
    expect(of(recording.contracts.StandardManager as Address).positions).toEqual([]);
  });

  test('behavior: whoever ever had a subaccount is discovered', async () => {
    const found = await play.venue.discover(play.chain);
    expect(owners.filter((owner) => !found.includes(owner))).toEqual([]);
  });

  test('behavior: cash has its interest to the block, which no balance shows yet', () => {
    const cashOf = (name: string) =>
      of(wallet(name)).positions.find((leg) => leg.kind === 'token' && leg.asset === 'USDC');
    const { stored, withInterest } = (recording.expected['13'] as ExpectedSubaccount).cash;
    expect(cashOf('frank')?.amount.raw).toBe(BigInt(withInterest));
    expect(BigInt(withInterest)).toBeLessThan(BigInt(stored));
  });

  test('behavior: in any order, alone or together, the same', async () => {
    const reversed = await readOther(recording, [...owners].reverse());
    expect([...reversed].reverse()).toEqual(read);
    for (const account of owners) {
      const [alone] = await readAccounts(play.chain, { deployment: play.deployment, accounts: [account] });
      expect(alone).toEqual(of(account));
    }
  });

  test('behavior: the order in which the contract lists balances does not matter', async () => {
    const own = recording.expected['7'] as ExpectedSubaccount;
    const to = recording.contracts.SubAccounts as Address;
    const call = { to, abi: subAccountsAbi, functionName: 'getAccountBalances', args: [7n] };
    const balances = (await play.chain.read([{ ...call, address: to }]))[0] as readonly unknown[];
    expect(balances.length).toBeGreaterThan(own.options.length);
    const changed = withAnswer(recording, call, [...balances].reverse());
    expect(await readOther(changed, [wallet('alice')])).toEqual([of(wallet('alice'))]);
  });
});
