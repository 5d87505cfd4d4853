import { encodeFunctionData } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalChain, startChain } from '../../scripts/chain.ts';
import { createSafe, deploySafeContracts, executeFromSafe, type Safe } from '../../scripts/protocols/safe.ts';

let chain: LocalChain;
let safe: Safe;

beforeAll(async () => {
  chain = await startChain();
  const owners = [30, 31, 32].map((index) => chain.account(index));
  safe = await createSafe(chain, { contracts: await deploySafeContracts(chain), owners, threshold: 2 });
});

afterAll(async () => {
  await chain.stop();
});

const changeThreshold = () => {
  const { abi, address } = safe.contract;
  return { to: address, data: encodeFunctionData({ abi, functionName: 'changeThreshold', args: [3] }) };
};

test('error: a signer who is no owner is refused', async () => {
  const stranger = { ...safe, signers: [chain.account(30), chain.account(33)] };
  await expect(executeFromSafe(chain, { safe: stranger, call: changeThreshold() })).rejects.toThrow('GS026');
});

test('error: one signature of two is refused', async () => {
  const alone = { ...safe, signers: [chain.account(30)] };
  await expect(executeFromSafe(chain, { safe: alone, call: changeThreshold() })).rejects.toThrow('GS020');
});

test('default', async () => {
  await executeFromSafe(chain, { safe, call: changeThreshold() });
  expect(await safe.contract.read('getThreshold')).toBe(3n);
});
