import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Abi,
  type Address,
  BaseError,
  ContractFunctionRevertedError,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
} from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalChain, startChain } from '../../scripts/chain.ts';
import { ownArtifact } from '../../scripts/protocols/artifacts.ts';
import { type Contract, deploy } from '../../scripts/protocols/contract.ts';
import { answerLeafLookup } from '../../src/post/leafGateway.ts';
import { marginOracleAbi } from '../../src/post/marginOracleAbi.ts';
import type { MarginLeaf } from '../../src/report/leaf.ts';
import { buildTree, type LeafTree } from '../../src/report/tree.ts';
import { rootTypedData } from '../../src/report/typedData.ts';

const WAD = 10n ** 18n;
const ARTIFACT = ownArtifact('MarginOnDemand');
/** With the oracle's errors, which come through. */
const ABI: Abi = [...ARTIFACT.abi, ...marginOracleAbi.filter(({ type }) => type === 'error')];

let chain: LocalChain;
let oracle: Contract;
let demand: Contract;
let server: Server;
let gateway: string;
let tree: LeafTree;
let epoch = 0n;
let requests = 0;

beforeAll(async () => {
  chain = await startChain();
  const signers = [1, 2].map((index) => chain.account(index).address);
  oracle = await deploy(chain, ownArtifact('MarginOracle'), { args: [chain.account(0).address, signers, 1, 2, 600] });
  demand = await deploy(chain, ARTIFACT, { args: [oracle.address] });
  server = createServer((request, response) => {
    requests += 1;
    response.end(answerLeafLookup((request.url ?? '').slice(1) as Hex, tree));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  gateway = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await chain.stop();
});

const leafOf = (index: number, healthWad: bigint): MarginLeaf => ({
  account: chain.account(index).address,
  equityWad: 5n * WAD,
  maintenanceWad: 3n * WAD,
  initialWad: 4n * WAD,
  healthWad,
  pledgedEquityWad: 0n,
  pledgedFreeWad: 0n,
  pledgedHealthWad: 0n,
  positionsHash: `0x${String(index).padStart(64, '0')}`,
});

async function post(healthWad: bigint): Promise<void> {
  tree = buildTree([10, 11, 12].map((index) => leafOf(index, healthWad + BigInt(index))));
  const { timestamp: asOf } = await chain.publicClient.getBlock();
  epoch += 1n;
  const hash: Hex = `0x${'11'.repeat(32)}`;
  const root = { epoch, asOf, validUntil: asOf + 600n, snapshotHash: hash, modelHash: hash, root: tree.root };
  const typed = rootTypedData(root, { chainId: 31_337, marginOracle: oracle.address });
  await oracle.write('post', [root, [await chain.account(1).signTypedData(typed)]]);
}

/** What ERC-7412 asks of a client: call; where data are demanded, fetch them, put them before the call, and try again. */
async function askOnDemand(account: Address): Promise<bigint> {
  const call = encodeFunctionData({ abi: ABI, functionName: 'healthOf', args: [account] });
  const calls: Hex[] = [call];
  for (let attempts = 0; attempts < 3; attempts += 1) {
    try {
      const request = { address: demand.address, abi: ABI, functionName: 'multicall', args: [calls] } as const;
      const { result } = await chain.publicClient.simulateContract({ ...request, account: chain.account(6) });
      await demand.write('multicall', [calls]);
      const last = (result as readonly Hex[]).at(-1) ?? '0x';
      return decodeFunctionResult({ abi: ABI, functionName: 'healthOf', data: last }) as bigint;
    } catch (error) {
      const [contract, query] = demandOf(error);
      const id = await chain.publicClient.readContract({ address: contract, abi: ABI, functionName: 'oracleId' });
      if (id !== `0x${Buffer.from('CROSSMARGIN').toString('hex').padEnd(64, '0')}`) throw error;
      const answer = (await (await fetch(`${gateway}/${query}`)).text()) as Hex;
      calls.unshift(encodeFunctionData({ abi: ABI, functionName: 'fulfillOracleQuery', args: [answer] }));
    }
  }
  throw new RangeError('data are demanded again and again');
}

function demandOf(error: unknown): readonly [Address, Hex] {
  const revert = error instanceof BaseError && error.walk((cause) => cause instanceof ContractFunctionRevertedError);
  if (!(revert instanceof ContractFunctionRevertedError) || revert.data?.errorName !== 'OracleDataRequired')
    throw error;
  return revert.data.args as unknown as readonly [Address, Hex];
}

test('default: a client fetches what is demanded, and the answer is stored and given in one transaction', async () => {
  await post(WAD);
  const account = chain.account(11).address;
  requests = 0;
  expect(await askOnDemand(account)).toBe(WAD + 11n);
  expect(requests).toBe(1);
  expect(await oracle.read('healthOf', [account])).toBe(WAD + 11n);
});

test('behavior: what is stored and fresh is answered without a gateway', async () => {
  requests = 0;
  expect(await askOnDemand(chain.account(11).address)).toBe(WAD + 11n);
  expect(requests).toBe(0);
});

test('behavior: a stored leaf that is stale is demanded anew', async () => {
  await chain.testClient.increaseTime({ seconds: 601 });
  await chain.testClient.mine({ blocks: 1 });
  await post(2n * WAD);
  requests = 0;
  expect(await askOnDemand(chain.account(11).address)).toBe(2n * WAD + 11n);
  expect(requests).toBe(1);
});

test('error: a gateway that changes a number is not believed', async () => {
  await post(3n * WAD);
  await chain.testClient.increaseTime({ seconds: 601 });
  await chain.testClient.mine({ blocks: 1 });
  await post(4n * WAD);
  const honest = tree;
  const { leaf, proof } = honest.prove(chain.account(10).address);
  tree = { ...honest, prove: () => ({ leaf: { ...leaf, healthWad: 9n * WAD }, proof }) };
  await expect(askOnDemand(chain.account(10).address)).rejects.toThrow(/LeafNotProven/);
  tree = honest;
  expect(await askOnDemand(chain.account(10).address)).toBe(4n * WAD + 10n);
});
