import { type Address, getAddress, zeroAddress } from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aaveArtifact } from '../../scripts/protocols/artifacts.ts';
import { deploy } from '../../scripts/protocols/contract.ts';
import { provide } from '../../scripts/protocols/tokens.ts';
import { connect, RpcError } from '../../src/chain/connect.ts';
import { pin } from '../../src/chain/pin.ts';
import { CallFailedError } from '../../src/chain/read.ts';
import { discoverAccounts, readAccounts, readEachAccount } from '../../src/venues/index.ts';
import { UnknownTokenError } from '../../src/venues/tokens.ts';
import { startProxyNode } from '../chain/proxyNode.ts';
import { type Fixture, startPopulated } from './fixture.ts';

let fixture: Fixture & { readonly accounts: ReadonlyMap<string, Address> };
let start: `0x${string}`;

beforeAll(async () => {
  fixture = await startPopulated();
  start = await fixture.chain.testClient.snapshot();
});
afterAll(() => fixture.stop());
beforeEach(async () => {
  await fixture.chain.testClient.revert({ id: start });
  start = await fixture.chain.testClient.snapshot();
});

const named = (name: string) => getAddress(fixture.accounts.get(name) as Address);
const text = (value: unknown) => JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? `${item}n` : item));
const BAD_WORDS = `EVIL\u001b[2J${'!'.repeat(500)}`;

async function readAll(deployment = fixture.deployment) {
  const pinned = await fixture.pin();
  const accounts = await discoverAccounts(pinned, fixture.deployment);
  return { pinned, accounts, ...(await readEachAccount(pinned, { deployment, accounts })) };
}

/** A Morpho market of a worthless token, in which somebody supplies for others without asking them. */
async function giveUnknownToken(victims: readonly Address[]): Promise<void> {
  const { chain, world } = fixture;
  const { morpho } = world.morpho;
  const evil = await deploy(chain, aaveArtifact('mocks/tokens/MintableERC20'), { args: ['Evil', BAD_WORDS, 18] });
  const params = await createMarket(evil.address, world.tokens.DAI.contract.address);
  const from = chain.account(55).address;
  await provide(evil, { to: from, spender: morpho.address, raw: 1_000n * BigInt(victims.length) });
  for (const victim of victims) await morpho.write('supply', [params, 1_000n, 0, victim, '0x'], { from });
}

/** How many calls it takes to read everybody. */
async function callsOfReading(): Promise<number> {
  const proxy = await startProxyNode(fixture.chain.url, () => 'pass');
  const pinned = await pin(await connect({ url: proxy.url }));
  const accounts = await discoverAccounts(pinned, fixture.deployment);
  proxy.calls.length = 0;
  await readEachAccount(pinned, { deployment: fixture.deployment, accounts });
  proxy.stop();
  return proxy.calls.filter(({ method }) => method === 'eth_call').length;
}

async function createMarket(loanToken: Address, collateralToken: Address) {
  const { params } = fixture.world.morpho.markets.usdcForWeth;
  const market = { ...params, loanToken, collateralToken };
  await fixture.world.morpho.morpho.write('createMarket', [market]);
  return market;
}

describe('readEachAccount', () => {
  test('default: nobody is refused, and it is what readAccounts reads', async () => {
    const { pinned, accounts, read, refused } = await readAll();
    expect(refused).toEqual([]);
    expect(text(await readAccounts(pinned, { deployment: fixture.deployment, accounts }))).toBe(text(read));
  });

  test('behavior: an unknown asset refuses those who have it, and changes nothing for the others', async () => {
    const before = await readAll();
    for (const gone of ['DAI', 'BTC', 'sUSD', 'sETH']) {
      const assets = Object.fromEntries(Object.entries(fixture.deployment.assets).filter(([id]) => id !== gone));
      const { accounts, read, refused } = await readAll({ ...fixture.deployment, assets });
      expect(refused.length, gone).toBeGreaterThan(0);
      expect(read.length + refused.length).toBe(accounts.length);
      for (const { error } of refused) expect(error).toBeInstanceOf(UnknownTokenError);
      const same = before.read.filter(({ account }) => read.some((other) => other.account === account));
      expect(text(read)).toBe(text(same));
    }
  });

  test('behavior: who is refused does not depend on the order or the company', async () => {
    const { DAI: _, ...assets } = fixture.deployment.assets;
    const deployment = { ...fixture.deployment, assets };
    const { pinned, accounts, refused } = await readAll(deployment);
    const words = (some: typeof refused) => some.map(({ account, error }) => `${account} ${error.message}`).sort();
    const turned = await readEachAccount(pinned, { deployment, accounts: [...accounts].reverse() });
    expect(words(turned.refused)).toEqual(words(refused));
    const alone = await Promise.all(
      accounts.map((account) => readEachAccount(pinned, { deployment, accounts: [account] })),
    );
    expect(words(alone.flatMap((outcome) => outcome.refused))).toEqual(words(refused));
  });

  test('behavior: what a stranger supplies for an account refuses that account alone, in one reading', async () => {
    const proxy = await startProxyNode(fixture.chain.url, () => 'pass');
    const callsOf = async () => {
      const pinned = await pin(await connect({ url: proxy.url }));
      const accounts = await discoverAccounts(pinned, fixture.deployment);
      proxy.calls.length = 0;
      const outcome = await readEachAccount(pinned, { deployment: fixture.deployment, accounts });
      return { ...outcome, calls: proxy.calls.filter(({ method }) => method === 'eth_call').length };
    };
    const before = await callsOf();
    const victims = ['aave only', 'spread', 'dust', 'lender'].map(named);
    await giveUnknownToken(victims);
    const after = await callsOf();
    proxy.stop();
    expect(after.refused.map(({ account }) => account).sort()).toEqual([...victims].sort());
    expect(after.read).toHaveLength(before.read.length - victims.length);
    expect(after.calls).toBeLessThanOrEqual(before.calls + 5);
    const [refusal] = after.refused;
    expect(refusal?.error.message).toMatch(/^Token EVIL\?\[2J!{1,27} \(0x/);
  });

  test('behavior: an oracle that stops refuses those who owe by it, and nobody else', async () => {
    const { chain, world } = fixture;
    const { usdcForWeth } = world.morpho.markets;
    const before = await readAll();
    const calls = await callsOfReading();
    await chain.testClient.setCode({ address: usdcForWeth.oracle.address, bytecode: '0x5f5ffd' });
    await chain.testClient.mine({ blocks: 1 });
    const { read, refused } = await readAll();
    const owing = before.read.filter(({ positions }) =>
      positions.some((leg) => leg.silo === `morphoBlue:${usdcForWeth.id}` && leg.amount.raw < 0n),
    );
    expect(refused.map(({ account }) => account)).toEqual(owing.map(({ account }) => account));
    expect(owing.length).toBeGreaterThan(1);
    expect(read.length).toBeGreaterThan(5);
    expect(await callsOfReading()).toBeLessThanOrEqual(calls + 2);
    for (const { error } of refused) {
      expect(error).toBeInstanceOf(CallFailedError);
      expect(error.message).toContain(`price() of ${usdcForWeth.oracle.address}`);
    }
  });

  test('behavior: a market of an unknown token that nobody is in refuses nobody', async () => {
    await createMarket(zeroAddress, fixture.world.tokens.DAI.contract.address);
    expect((await readAll()).refused).toEqual([]);
  });

  test('error: RpcError when the node fails: that refuses nobody', async () => {
    let broken = false;
    const proxy = await startProxyNode(fixture.chain.url, ({ method }) =>
      broken && method === 'eth_call' ? { status: 500 } : 'pass',
    );
    const pinned = await pin(await connect({ url: proxy.url }));
    const accounts = await discoverAccounts(pinned, fixture.deployment);
    broken = true;
    await expect(readEachAccount(pinned, { deployment: fixture.deployment, accounts })).rejects.toThrow(RpcError);
    proxy.stop();
  });
});
