import {
  type Address,
  concatHex,
  encodeFunctionData,
  encodePacked,
  type Hex,
  parseAbi,
  size,
  slice,
  zeroAddress,
} from 'viem';
import { describe, expect, test } from 'vitest';
import type { Act } from '../../src/chain/askAfter.ts';
import type { Deployment } from '../../src/chain/deployment.ts';
import { actsOf, BatchError, DelegateCallError, RefundError } from '../../src/permit/actsOf.ts';
import { GrantError, judgeCalls, SelfCallError, UnknownCallError, UnknownTargetError } from '../../src/permit/judge.ts';
import { PLAIN_ABI } from '../../src/permit/knownCalls.ts';
import { ProposalJsonError, parsePlanCalls, parseTransaction } from '../../src/permit/parseProposal.ts';
import { NoCustodyError, requireCustody } from '../../src/permit/requireCustody.ts';
import { PlanPaysError, requireOwnReceivers } from '../../src/permit/requireOwnReceivers.ts';
import type { SafeTransaction } from '../../src/report/safeTransaction.ts';

const at = (digit: string) => `0x${digit.repeat(40)}` as Address;
const [SAFE, POOL, TOKEN, CREDIT, ROUTER, STRANGER, BATCH] = ['1', '2', '3', '4', '5', '6', '7'].map(at) as [
  ...[Address, Address, Address, Address, Address, Address, Address],
];
const [LEDGER, OTHER] = [at('9'), at('a')];
const deployment = {
  chainId: 1,
  assets: { USD: { tokens: [TOKEN] } },
  venues: { aaveV3: { pool: POOL } },
  custody: { pledgeGuard: at('8'), collateralLedger: LEDGER, creditPool: CREDIT, spenders: [ROUTER], targets: [OTHER] },
} as unknown as Deployment;

function call(signature: string, args: readonly unknown[]): Hex {
  return encodeFunctionData({ abi: parseAbi([`function ${signature}`] as readonly string[]), args } as never);
}

const judge = (data: Hex, target: Address = TOKEN) =>
  judgeCalls([{ target, value: 0n, data }], { account: SAFE, deployment });

describe('judgeCalls', () => {
  const GRANTS: readonly (readonly [string, (grantee: Address) => readonly unknown[]])[] = [
    ['approve(address,uint256)', (grantee) => [grantee, 1n]],
    ['increaseAllowance(address,uint256)', (grantee) => [grantee, 1n]],
    ['setApprovalForAll(address,bool)', (grantee) => [grantee, true]],
    ['approve(address,address,uint160,uint48)', (grantee) => [TOKEN, grantee, 1n, 1]],
    ['approveDelegation(address,uint256)', (grantee) => [grantee, 1n]],
    ['setAuthorization(address,bool)', (grantee) => [grantee, true]],
    ['allow(address,bool)', (grantee) => [grantee, true]],
  ];

  test.each(GRANTS)('default: %s for a venue, the pool or a listed spender passes', (signature, args) => {
    for (const grantee of [POOL, CREDIT, ROUTER]) expect(() => judge(call(signature, args(grantee)))).not.toThrow();
  });

  test.each(GRANTS)('error: GrantError for %s to anybody else, whichever contract is called', (signature, args) => {
    for (const target of [TOKEN, POOL, STRANGER]) {
      expect(() => judge(call(signature, args(STRANGER)), target)).toThrow(GrantError);
    }
  });

  test('default: what shows in the state after passes', () => {
    expect(() => judge(call('transfer(address,uint256)', [STRANGER, 1n]))).not.toThrow();
    expect(() => judge(call('withdraw(address,uint256,address)', [TOKEN, 1n, STRANGER]), POOL)).not.toThrow();
    expect(() => judge(call('repay(address,uint256)', [SAFE, 1n]), CREDIT)).not.toThrow();
    expect(() => judge(call('setCap(address,uint256)', [CREDIT, 1n]), LEDGER)).not.toThrow();
    expect(() => judge(call('redeem(uint256)', [1n]), OTHER)).not.toThrow();
  });

  test('error: UnknownTargetError for a contract that could give back what it is sent while signers look, coins too', () => {
    for (const data of [
      call('deposit()', []),
      call('transfer(address,uint256)', [SAFE, 1n]),
      call('approve(address,uint256)', [POOL, 1n]),
      '0x',
    ] as const) {
      expect(() => judge(data, STRANGER)).toThrow(UnknownTargetError);
    }
  });

  test('error: UnknownCallError for what calls whoever receives: the ERC-721 transfer with a callback', () => {
    expect(() => judge(call('safeTransferFrom(address,address,uint256)', [SAFE, STRANGER, 1n]), POOL)).toThrow(
      UnknownCallError,
    );
  });

  const market = { loanToken: TOKEN, collateralToken: TOKEN, oracle: OTHER, irm: STRANGER, lltv: 1n };
  const entering = (params: typeof market): readonly Hex[] => [
    encodeFunctionData({ abi: PLAIN_ABI, functionName: 'supply', args: [params, 1n, 0n, SAFE, '0x'] }),
    encodeFunctionData({ abi: PLAIN_ABI, functionName: 'supplyCollateral', args: [params, 1n, SAFE, '0x'] }),
    encodeFunctionData({ abi: PLAIN_ABI, functionName: 'borrow', args: [params, 1n, 0n, SAFE, SAFE] }),
  ];
  const leaving = (params: typeof market): readonly Hex[] => [
    encodeFunctionData({ abi: PLAIN_ABI, functionName: 'withdraw', args: [params, 1n, 0n, SAFE, SAFE] }),
    encodeFunctionData({ abi: PLAIN_ABI, functionName: 'withdrawCollateral', args: [params, 1n, SAFE, SAFE] }),
    encodeFunctionData({ abi: PLAIN_ABI, functionName: 'repay', args: [params, 1n, 0n, SAFE, '0x'] }),
  ];

  test('default: a market of Morpho is entered where the deployment names its tokens and its oracle', () => {
    for (const data of [...entering(market), ...leaving(market)]) expect(() => judge(data, POOL)).not.toThrow();
  });

  test("error: UnknownTargetError for a market of somebody's choice: its oracle takes the account, its token is code", () => {
    const evil = { ...market, oracle: STRANGER };
    for (const data of entering(evil)) expect(() => judge(data, POOL)).toThrow(/is the oracle of the market/);
    for (const data of leaving(evil)) expect(() => judge(data, POOL)).not.toThrow();
    for (const token of ['loanToken', 'collateralToken']) {
      const params = { ...market, [token]: STRANGER };
      for (const data of [...entering(params), ...leaving(params)]) {
        expect(() => judge(data, POOL)).toThrow(UnknownTargetError);
      }
    }
  });

  test('error: SelfCallError for any call of the Safe itself, known or not', () => {
    for (const data of [
      call('enableModule(address)', [STRANGER]),
      call('transfer(address,uint256)', [STRANGER, 1n]),
      '0x',
    ] as const) {
      expect(() => judge(data, SAFE)).toThrow(SelfCallError);
    }
  });

  test('error: UnknownCallError for a function that is not known, and for data that are not its arguments', () => {
    expect(() => judge(call('setOperator(address,uint256)', [STRANGER, 1n]))).toThrow(UnknownCallError);
    expect(() =>
      judge(
        call('permit(address,address,uint256,uint256,uint8,bytes32,bytes32)', [
          SAFE,
          STRANGER,
          1n,
          1n,
          27,
          `0x${'00'.repeat(32)}`,
          `0x${'00'.repeat(32)}`,
        ]),
      ),
    ).toThrow(UnknownCallError);
    expect(() => judge('0x095ea7b3')).toThrow(UnknownCallError);
    const approve = call('approve(address,uint256)', [POOL, 1n]);
    expect(() => judge(concatHex([approve, '0x00']))).toThrow(UnknownCallError);
    expect(() => judge(concatHex(['0x095ea7b3', '0x01', slice(approve, 5)]))).toThrow(UnknownCallError);
    expect(() => judge('0x09')).toThrow(UnknownCallError);
  });

  test('behavior: one bad call of several is enough', () => {
    const good: Act = { target: TOKEN, value: 0n, data: call('transfer(address,uint256)', [STRANGER, 1n]) };
    const bad: Act = { ...good, data: call('approve(address,uint256)', [STRANGER, 1n]) };
    expect(() => judgeCalls([good, good, bad], { account: SAFE, deployment })).toThrow(GrantError);
  });
});

describe('requireOwnReceivers', () => {
  const params = { loanToken: TOKEN, collateralToken: TOKEN, oracle: OTHER, irm: STRANGER, lltv: 1n };
  const each = (whose: Address): readonly Hex[] => [
    call('transfer(address,uint256)', [whose, 1n]),
    call('transferFrom(address,address,uint256)', [SAFE, whose, 1n]),
    call('withdraw(address,uint256,address)', [TOKEN, 1n, whose]),
    call('repay(address,uint256,uint256,address)', [TOKEN, 1n, 2n, whose]),
    call('borrow(address,uint256,uint256,uint16,address)', [TOKEN, 1n, 2n, 0, whose]),
    call('repay(address,uint256)', [whose, 1n]),
    encodeFunctionData({ abi: PLAIN_ABI, functionName: 'withdraw', args: [params, 1n, 0n, SAFE, whose] }),
    encodeFunctionData({ abi: PLAIN_ABI, functionName: 'supplyCollateral', args: [params, 1n, whose, '0x'] }),
  ];
  const own = (data: Hex) => requireOwnReceivers([{ target: TOKEN, value: 0n, data }], SAFE);

  test('default: a plan may do for the account itself what it can do', () => {
    for (const data of each(SAFE)) expect(() => own(data)).not.toThrow();
    expect(() => own(call('approve(address,uint256)', [POOL, 1n]))).not.toThrow();
  });

  test('error: PlanPaysError for a plan that pays whoever proposes it, by whichever function', () => {
    for (const data of each(STRANGER)) expect(() => own(data)).toThrow(PlanPaysError);
  });
});

const PLAIN: SafeTransaction = {
  ...{ to: TOKEN, value: 0n, data: '0x12345678', operation: 0, safeTxGas: 0n, baseGas: 0n, gasPrice: 0n },
  ...{ gasToken: zeroAddress, refundReceiver: zeroAddress, nonce: 0n },
};
const options = { account: SAFE, batch: BATCH };

function packed(operation: number, { target, value, data }: Act): Hex {
  return encodePacked(
    ['uint8', 'address', 'uint256', 'uint256', 'bytes'],
    [operation, target, value, BigInt(size(data)), data],
  );
}
const batchOf = (bytes: Hex): SafeTransaction => ({
  ...PLAIN,
  to: BATCH,
  operation: 1,
  data: call('multiSend(bytes)', [bytes]),
});

describe('actsOf', () => {
  const acts: readonly Act[] = [
    { target: TOKEN, value: 0n, data: '0x1234567890' },
    { target: STRANGER, value: 7n, data: '0x' },
  ];

  test('default: a call is itself, a batch its calls in order', () => {
    expect(actsOf(PLAIN, options)).toEqual([{ target: TOKEN, value: 0n, data: '0x12345678' }]);
    expect(actsOf(batchOf(concatHex(acts.map((one) => packed(0, one)))), options)).toEqual(acts);
    expect(actsOf(batchOf('0x'), options)).toEqual([]);
  });

  test('behavior: a target of zero in a batch is the Safe itself, as MultiSendCallOnly reads it', () => {
    const bytes = packed(0, { target: zeroAddress, value: 0n, data: '0x' });
    expect(actsOf(batchOf(bytes), options)).toEqual([{ target: SAFE, value: 0n, data: '0x' }]);
  });

  test('error: DelegateCallError to anybody but the batch, and for an operation that there is not', () => {
    expect(() => actsOf({ ...PLAIN, operation: 1 }, options)).toThrow(DelegateCallError);
    expect(() => actsOf({ ...PLAIN, to: BATCH, operation: 2 }, options)).toThrow(DelegateCallError);
  });

  test.each(['safeTxGas', 'baseGas', 'gasPrice'] as const)('error: RefundError for %s', (field) => {
    expect(() => actsOf({ ...PLAIN, [field]: 1n }, options)).toThrow(new RegExp(`sets ${field}:`));
    expect(() => actsOf({ ...PLAIN, gasToken: TOKEN, refundReceiver: TOKEN }, options)).toThrow(RefundError);
  });

  test('error: BatchError for a delegatecall within, a call cut short, a header cut short, another function', () => {
    const [first] = acts as [Act];
    const whole = packed(0, first);
    expect(() => actsOf(batchOf(packed(1, first)), options)).toThrow(/call 0 is a delegatecall/);
    expect(() => actsOf(batchOf(whole.slice(0, -2) as Hex), options)).toThrow(/less data than it says/);
    expect(() => actsOf(batchOf(concatHex([whole, '0x00'])), options)).toThrow(/call 1 has no room/);
    expect(() => actsOf({ ...batchOf(whole), data: '0x12345678' }, options)).toThrow(BatchError);
    expect(() => actsOf({ ...batchOf(whole), data: concatHex([batchOf(whole).data, '0x00']) }, options)).toThrow(
      /to the byte/,
    );
  });
});

test('default: a transaction and a plan are read from JSON, what is absent is 0', () => {
  const { nonce: _, ...plain } = PLAIN;
  expect(parseTransaction(JSON.stringify({ to: TOKEN, data: '0x12345678' }))).toEqual(plain);
  expect(parseTransaction(JSON.stringify({ to: TOKEN, data: '0x', nonce: 4, value: '7' }))).toMatchObject({
    nonce: 4n,
    value: 7n,
  });
  expect(parsePlanCalls(JSON.stringify([{ target: TOKEN, data: '0x' }]))).toEqual([
    { target: TOKEN, value: 0n, data: '0x' },
  ]);
});

test('error: ProposalJsonError names what does not fit', () => {
  expect(() => parseTransaction('{')).toThrow(/not JSON/);
  expect(() => parseTransaction(JSON.stringify({ to: TOKEN, data: '0x123' }))).toThrow(/data/);
  expect(() => parseTransaction(JSON.stringify({ to: TOKEN, data: '0x', gas: 1 }))).toThrow(ProposalJsonError);
  expect(() => parsePlanCalls('[]')).toThrow(ProposalJsonError);
});

test('error: NoCustodyError where the deployment does not name guard, ledger and auction', () => {
  expect(() => requireCustody(deployment)).toThrow(NoCustodyError);
  const all = { pledgeGuard: at('8'), collateralLedger: at('9'), liquidationAuction: at('a') };
  expect(requireCustody({ ...deployment, custody: all })).toEqual(all);
});
