import { TypedDataEncoder } from 'ethers';
import fc from 'fast-check';
import { type Address, toHex, zeroAddress } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalChain, startChain } from '../../scripts/chain.ts';
import { deployCrossmargin } from '../../scripts/crossmargin.ts';
import { type Custody, createPledgeSafe, deployCustody } from '../../scripts/custody.ts';
import { aaveArtifact } from '../../scripts/protocols/artifacts.ts';
import { deploy } from '../../scripts/protocols/contract.ts';
import { deploySafeContracts, type Safe } from '../../scripts/protocols/safe.ts';
import {
  ACTION_PERMIT_TYPES,
  type ActionPermit,
  hashCalls,
  permitDigest,
  planDigest,
  UNWIND_PLAN_TYPES,
  type UnwindPlan,
} from '../../src/report/permitTypedData.ts';
import { SAFE_TX_TYPES, type SafeTransaction, safeTransactionHash } from '../../src/report/safeTransaction.ts';

let chain: LocalChain;
let custody: Custody;
let safe: Safe;

beforeAll(async () => {
  chain = await startChain();
  const signers = [1, 2, 3].map((index) => chain.account(index).address);
  const args = ['Dai Stablecoin', 'DAI', 18];
  const { address: stablecoin } = await deploy(chain, aaveArtifact('mocks/tokens/MintableERC20'), { args });
  const { marginOracle } = await deployCrossmargin(chain, { signers, quorum: 2, lendingToken: stablecoin });
  custody = await deployCustody(chain, {
    ...{ marginOracle: marginOracle.address, safe: await deploySafeContracts(chain), stablecoin },
    ...{ looseningRateWadPerSecond: 1n, recoverer: signers[0] as Address },
  });
  safe = await createPledgeSafe(chain, { factory: custody.factory, owners: [chain.account(30)], threshold: 1 });
});
afterAll(() => chain.stop());

const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const uint256 = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
const int256 = fc.bigInt({ min: -(2n ** 255n), max: 2n ** 255n - 1n });
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map((value) => toHex(value));
const data = fc.uint8Array({ maxLength: 100 }).map((value) => toHex(value));

const permits: fc.Arbitrary<ActionPermit> = fc.record({
  ...{ account: bytes(20), actionHash: bytes(32), pledgedHealthAfterWad: uint256, freeAfterWad: int256 },
  ...{ nonce: uint64, validUntil: uint64 },
});
const plans: fc.Arbitrary<UnwindPlan> = fc.record({
  ...{ account: bytes(20), callsHash: bytes(32), healthAfterWad: uint256, costWad: uint256 },
  ...{ nonce: uint64, validUntil: uint64 },
});
const transactions: fc.Arbitrary<SafeTransaction> = fc.record({
  ...{ to: bytes(20), value: uint256, data, operation: fc.constantFrom(0, 1), safeTxGas: uint256, baseGas: uint256 },
  ...{ gasPrice: uint256, gasToken: bytes(20), refundReceiver: bytes(20), nonce: uint256 },
});

/** What ethers says, whose types may be written to. */
function ethersHash(
  verifyingContract: Address,
  { types, message }: { readonly types: Readonly<Record<string, readonly object[]>>; readonly message: object },
): string {
  const own = Object.fromEntries(
    Object.entries(types).map(([name, fields]) => [name, fields.map((field) => ({ ...field }))]),
  );
  const domain = { name: 'Crossmargin', version: '1', chainId: chain.chain.id, verifyingContract };
  return TypedDataEncoder.hash(domain, own as never, message);
}

test('default: the EIP-712 digest of a permit is equal in viem, ethers and Solidity', async () => {
  const { address } = custody.guard;
  await fc.assert(
    fc.asyncProperty(permits, async (permit) => {
      const digest = permitDigest(permit, { chainId: chain.chain.id, address });
      expect(ethersHash(address, { types: ACTION_PERMIT_TYPES, message: permit })).toBe(digest);
      expect(await custody.guard.read('permitDigest', [permit])).toBe(digest);
    }),
    { numRuns: 20 },
  );
});

test('default: the EIP-712 digest of a plan is equal in viem, ethers and Solidity', async () => {
  const { address } = custody.auction;
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      const digest = planDigest(plan, { chainId: chain.chain.id, address });
      expect(ethersHash(address, { types: UNWIND_PLAN_TYPES, message: plan })).toBe(digest);
      expect(await custody.auction.read('planDigest', [plan])).toBe(digest);
    }),
    { numRuns: 20 },
  );
});

test("default: a Safe's transaction has the hash that the Safe computes", async () => {
  const { address: account, read } = safe.contract;
  await fc.assert(
    fc.asyncProperty(transactions, async (transaction) => {
      const hash = safeTransactionHash(transaction, { chainId: chain.chain.id, account });
      const { to, value, data: input, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver } = transaction;
      const args = [to, value, input, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver];
      expect(await read('getTransactionHash', [...args, transaction.nonce])).toBe(hash);
    }),
    { numRuns: 20 },
  );
  expect(SAFE_TX_TYPES.SafeTx).toHaveLength(10);
});

test('behavior: another chain, contract or value is another digest, and the order of calls is part of a plan', () => {
  const permit = {
    account: zeroAddress,
    actionHash: `0x${'11'.repeat(32)}`,
    pledgedHealthAfterWad: 1n,
    freeAfterWad: -1n,
    nonce: 2n,
    validUntil: 3n,
  } as const;
  const guard = { chainId: 1, address: zeroAddress };
  const digests = [
    permitDigest(permit, guard),
    permitDigest(permit, { ...guard, chainId: 2 }),
    permitDigest(permit, { ...guard, address: `0x${'22'.repeat(20)}` }),
    permitDigest({ ...permit, nonce: 3n }, guard),
    permitDigest({ ...permit, freeAfterWad: 1n }, guard),
  ];
  expect(new Set(digests).size).toBe(5);
  const calls = [1n, 2n].map((value) => ({ target: zeroAddress, value, data: '0x' as const }));
  expect(hashCalls(calls)).not.toBe(hashCalls(calls.toReversed()));
});
