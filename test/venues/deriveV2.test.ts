import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccountPositions, readAccounts } from '../../src/venues/index.ts';
import { type DeriveRecording, type ExpectedSubaccount, loadDerive, playDerive } from './support/deriveRecording.ts';

let recording: DeriveRecording;
let play: Awaited<ReturnType<typeof playDerive>>;
let read: readonly AccountPositions[];

beforeAll(async () => {
  recording = await loadDerive();
  play = await playDerive(recording);
  const accounts = [...new Set(Object.values(recording.expected).map(({ beneficialOwner }) => beneficialOwner))];
  read = await readAccounts(play.chain, { deployment: play.deployment, accounts });
});
afterAll(() => play.player.stop());

const FAMILY = { 'ETH.base': 'ETH', 'BTC.base': 'BTC' } as Readonly<Record<string, string>>;

/** What the recording expects of a subaccount, a line a leg. */
function linesOf({ subAccountId, cash, base, options, perps }: ExpectedSubaccount): string[] {
  const legs = [
    ['token', 'USDC', cash.withInterest],
    ...base.map(({ name, balance18 }) => ['token', FAMILY[name], balance18]),
    ...options.map(({ name, expiry, strike, isCall, balance, settlement }) =>
      settlement.settled
        ? ['token', 'USDC', settlement.payout]
        : ['option', name.split('.')[0], isCall ? 'call' : 'put', expiry, strike, balance],
    ),
    ...perps.map(({ name, balance, unsettledAndUnrealizedCash }) => [
      'perp',
      name.split('.')[0],
      balance,
      unsettledAndUnrealizedCash,
    ]),
  ];
  return legs.filter((leg) => leg.at(-1) !== '0').map((leg) => [`deriveV2:${subAccountId}`, ...leg].join(' '));
}

function ours({ positions }: AccountPositions): string[] {
  return positions.map((leg) => {
    expect(leg.kind === 'range' ? 0 : leg.amount.decimals).toBe(18);
    const amount = leg.amount.raw;
    switch (leg.kind) {
      case 'token':
        return [leg.silo, 'token', leg.asset, amount].join(' ');
      case 'option':
        return [leg.silo, 'option', leg.underlying, leg.type, leg.expiry, leg.strike.raw, amount].join(' ');
      case 'perp':
        return [leg.silo, 'perp', leg.underlying, amount, leg.unrealisedUsd.raw + leg.fundingUsd.raw].join(' ');
      case 'range':
        return 'range';
    }
  });
}

describe('deriveV2', () => {
  test('default: the legs of all 19 subaccounts are what was recorded, to the last unit', () => {
    for (const one of read) {
      const own = Object.values(recording.expected).filter(({ beneficialOwner }) => beneficialOwner === one.account);
      expect(ours(one).sort()).toEqual(own.flatMap(linesOf).sort());
    }
    expect(new Set(read.flatMap(({ positions }) => positions.map(({ silo }) => silo))).size).toBe(15);
    expect(play.player.missing).toEqual([]);
  });
});
