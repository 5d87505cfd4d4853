import { type Address, parseEther } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actor } from '../../scripts/protocols/actor.ts';
import { type Contract, deployer } from '../../scripts/protocols/contract.ts';
import type { PinnedChain } from '../../src/chain/pinnedChain.ts';
import { CallFailedError } from '../../src/chain/read.ts';
import { createVenues, discoverAccounts } from '../../src/venues/index.ts';
import { tokenBook, UnknownTokenError } from '../../src/venues/tokens.ts';
import type { Venue, VenuePositions } from '../../src/venues/venue.ts';
import { ReceiptTokenError, type WalletRaw, type WalletSource, wallet } from '../../src/venues/wallet.ts';
import { type Fixture, seeded, startFixture } from './fixture.ts';

/** Accounts 40 to 49 send to each other at random, 50 and on act in single tests. */
const FIRST = 40;
const COUNT = 10;
const STEPS = 280;

let fixture: Fixture;
let venue: Venue<WalletRaw>;
let tokens: Readonly<Record<'WETH' | 'USDC' | 'WBTC' | 'DAI' | 'sUSD', Contract>>;

beforeAll(async () => {
  fixture = await startFixture();
  const { WETH, USDC, WBTC, DAI } = fixture.world.tokens;
  const contracts = { WETH: WETH.contract, USDC: USDC.contract, WBTC: WBTC.contract, DAI: DAI.contract };
  tokens = { ...contracts, sUSD: fixture.world.lyra.quoteAsset };
  venue = openVenue({ native: WETH.contract.address });
});

afterAll(async () => {
  await fixture.stop();
});

const user = (index: number) => fixture.chain.account(index).address;

function openVenue(overrides: Partial<WalletSource> = {}): Venue<WalletRaw> {
  const { assets, venues } = fixture.deployment;
  return wallet({ book: tokenBook(assets), venues, ...overrides });
}

async function readOne(account: Address, from = venue, pinned?: PinnedChain): Promise<VenuePositions> {
  const [raw] = await from.read(pinned ?? (await fixture.pin()), [account]);
  return from.toPositions(raw as WalletRaw);
}

const ASSETS = { WETH: 'ETH', USDC: 'USDC', WBTC: 'BTC', DAI: 'DAI', sUSD: 'sUSD' } as const;
const DECIMALS = { WETH: 18, USDC: 6, WBTC: 8, DAI: 18, sUSD: 18 } as const;

/** The legs of an account by the tokens' own word at a block, and the node's for the coin; without order. */
async function ownLegs(account: Address, blockNumber: bigint): Promise<readonly string[]> {
  const { publicClient } = fixture.chain;
  const legs = await Promise.all(
    (Object.keys(tokens) as (keyof typeof tokens)[]).map(async (name) => {
      const { address, abi } = tokens[name];
      const call = { address, abi, functionName: 'balanceOf', args: [account], blockNumber };
      return [ASSETS[name], await publicClient.readContract(call), DECIMALS[name]].join(' ');
    }),
  );
  const coin = `ETH ${await publicClient.getBalance({ address: account, blockNumber })} 18`;
  return [...legs, coin].filter((leg) => !leg.includes(' 0 ')).sort();
}

const shown = ({ positions }: VenuePositions) =>
  positions
    .map((leg) => (leg.kind === 'token' ? `${leg.asset} ${leg.amount.raw} ${leg.amount.decimals}` : leg.kind))
    .sort();

/** Random mints, transfers of tokens and coins, wraps and unwraps. The blocks to look back at. */
async function sendAtRandom(): Promise<readonly bigint[]> {
  const random = seeded(5);
  const someone = () => user(FIRST + Math.floor(random() * COUNT));
  const names = Object.keys(tokens) as (keyof typeof tokens)[];
  const blocks: bigint[] = [];
  for (let step = 0; step < STEPS; step++) {
    const [from, to] = [someone(), someone()];
    const token = tokens[names[Math.floor(random() * names.length)] ?? 'DAI'];
    const balance = await token.read<bigint>('balanceOf', [from]);
    if (random() < 0.15) {
      const value = BigInt(Math.floor(random() * 1e15));
      const deposit = random() < 0.5 ? tokens.WETH.call('deposit') : { to, data: '0x' as const };
      const index = Array.from({ length: COUNT }, (_, i) => FIRST + i).find((i) => user(i) === from) ?? FIRST;
      const hash = await fixture.chain.wallet(index).sendTransaction({ ...deposit, value });
      await fixture.chain.publicClient.waitForTransactionReceipt({ hash });
    } else if (balance === 0n) {
      await token.write('mint', [from, BigInt(1 + Math.floor(random() * 1e9))]);
    } else {
      const all = random() < 0.3;
      await token.write('transfer', [to, all ? balance : (balance * BigInt(Math.floor(random() * 100))) / 100n], {
        from,
      });
    }
    if (step % 50 === 49) blocks.push(await fixture.chain.publicClient.getBlockNumber());
  }
  return blocks;
}

describe('wallet', () => {
  test('default: every account after random transfers, at the head and five earlier blocks, to the last unit', async () => {
    const blocks = [...(await sendAtRandom()), await fixture.chain.publicClient.getBlockNumber()];
    expect(blocks).toHaveLength(6);
    const accounts = Array.from({ length: COUNT }, (_, i) => user(FIRST + i));
    let legs = 0;
    for (const number of blocks) {
      const pinned = await fixture.pin({ number });
      const read = (await venue.read(pinned, accounts)).map((raw) => venue.toPositions(raw));
      for (const [i, account] of accounts.entries()) {
        const positions = read[i] ?? expect.unreachable();
        expect(shown(positions), account).toEqual(await ownLegs(account, number));
        expect(positions.silos).toEqual([{ id: 'wallet', venue: 'wallet', rule: { kind: 'owned' } }]);
        expect(positions.healths).toEqual([]);
        legs += positions.positions.length;
      }
    }
    expect(legs).toBeGreaterThan(150);
  });

  test('behavior: without a token that stands for it the coin is not counted; nothing held is no silo', async () => {
    const tokensOnly = openVenue();
    expect(await readOne(user(50), tokensOnly)).toEqual({ positions: [], silos: [], healths: [] });
    const [coin, ...more] = (await readOne(user(50))).positions;
    expect(more).toEqual([]);
    expect(coin).toMatchObject({ asset: 'ETH', venue: 'wallet', custody: 'observed', amount: { decimals: 18 } });
  });

  test('behavior: a token of no asset is not read, and whoever only holds tokens is not discovered', async () => {
    const from = user(51);
    await tokens.DAI.write('mint', [from, 5n]);
    const { DAI: _, ...assets } = fixture.deployment.assets;
    expect(shown(await readOne(from, openVenue({ book: tokenBook(assets) })))).toEqual([]);
    expect(shown(await readOne(from, openVenue()))).toEqual(['DAI 5 18']);
    expect(await discoverAccounts(await fixture.pin(), fixture.deployment)).not.toContain(from);
  });

  test('behavior: more accounts than one call answers', async () => {
    const accounts = Array.from(
      { length: 1_500 },
      (_, i): Address => `0x${(i + 1_000).toString(16).padStart(40, '0')}`,
    );
    const hash = await fixture.chain.wallet(52).sendTransaction({ to: accounts[1_499] as Address, value: 7n });
    await fixture.chain.publicClient.waitForTransactionReceipt({ hash });
    const { ETH } = fixture.deployment.assets;
    if (ETH === undefined) expect.unreachable();
    const small = openVenue({ book: tokenBook({ ETH }), native: tokens.WETH.address });
    const raws = await small.read(await fixture.pin(), accounts);
    expect(raws.map(({ coin }) => coin?.raw).filter((raw) => raw !== 0n)).toEqual([7n]);
    expect(raws.at(-1)?.account).toBe(accounts.at(-1));
  });

  test('error: ReceiptTokenError for a claim on a venue of the deployment, for whoever holds it alone', async () => {
    const { aave, venus } = fixture.world;
    const holder = actor(fixture.world, user(53));
    await holder.supply('DAI', 100);
    await holder.mint('WBTC', 1);
    const reserve = await aave.pool.read<{ readonly aTokenAddress: Address }>('getReserveData', [tokens.DAI.address]);
    for (const [asset, token] of [
      ['DAI', reserve.aTokenAddress],
      ['BTC', venus.markets.WBTC.address],
    ] as const) {
      const { [asset]: config, ...others } = fixture.deployment.assets;
      if (config === undefined) expect.unreachable();
      const assets = { ...others, [asset]: { ...config, tokens: [...config.tokens, token] } };
      const both = openVenue({ book: tokenBook(assets) });
      await expect(readOne(holder.address, both)).rejects.toThrow(ReceiptTokenError);
      await expect(readOne(holder.address, both)).rejects.toThrow(new RegExp(`Remove it from assets.${asset}.tokens`));
      expect(shown(await readOne(user(51), both))).toEqual(['DAI 5 18']);
      const elsewhere = openVenue({ book: tokenBook(assets), venues: {} });
      expect(shown(await readOne(holder.address, elsewhere))).toHaveLength(1);
    }
  });

  test('error: UnknownTokenError when the coin stands for nothing, CallFailedError for a token that is none', async () => {
    const native = deployer(fixture.chain);
    expect(() => openVenue({ native })).toThrow(UnknownTokenError);
    const venues = { ...fixture.deployment.venues, wallet: { native } };
    expect(() => createVenues({ ...fixture.deployment, venues })).toThrow(/belongs to no asset/);
    const { ETH, ...assets } = fixture.deployment.assets;
    if (ETH === undefined) expect.unreachable();
    const book = tokenBook({ ...assets, ETH: { ...ETH, tokens: [native] } });
    await expect(readOne(user(50), openVenue({ book }))).rejects.toThrow(CallFailedError);
  });

  test('behavior: the coin is ether to the wei', async () => {
    const account: Address = '0x00000000000000000000000000000000000c0123';
    await fixture.chain.testClient.setBalance({ address: account, value: parseEther('1.000000000000000001') });
    expect(shown(await readOne(account))).toEqual(['ETH 1000000000000000001 18']);
  });
});
