import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Address, type Hex, maxUint256 } from 'viem';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LocalChain, startChain } from '../../scripts/chain.ts';
import { ownArtifact } from '../../scripts/protocols/artifacts.ts';
import { type Contract, deploy } from '../../scripts/protocols/contract.ts';
import { answerLeafLookup, BadLookupError } from '../../src/post/leafGateway.ts';
import type { MarginLeaf } from '../../src/report/leaf.ts';
import { buildTree, type LeafTree, NoLeafError } from '../../src/report/tree.ts';
import { rootTypedData } from '../../src/report/typedData.ts';

const SIGNERS = [1, 2, 3];
const WAD = 10n ** 18n;

let chain: LocalChain;
let oracle: Contract;
let lookup: Contract;
let server: Server;
let epoch = 0n;
/** What the gateway serves: an answer to the call data, and how often it was asked. */
let serve: (data: Hex) => Hex;
let requests: string[] = [];

beforeAll(async () => {
  chain = await startChain();
  const signers = SIGNERS.map((index) => chain.account(index).address);
  oracle = await deploy(chain, ownArtifact('MarginOracle'), {
    args: [chain.account(0).address, signers, 2, 3, 600],
  });
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    const [, sender, data] = /^\/(0x\w+)\/(0x\w+)\.json$/.exec(request.url ?? '') ?? [];
    response.setHeader('content-type', 'application/json');
    try {
      if (sender?.toLowerCase() !== lookup.address.toLowerCase()) throw new NoLeafError(String(sender));
      response.end(JSON.stringify({ data: serve(data as Hex) }));
    } catch (error) {
      response.statusCode = 404;
      response.end(JSON.stringify({ message: String(error) }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  lookup = await deploy(chain, ownArtifact('MarginLookup'), {
    args: [oracle.address, [`http://127.0.0.1:${port}/{sender}/{data}.json`]],
  });
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await chain.stop();
});
beforeEach(() => {
  requests = [];
});

function leafOf(index: number): MarginLeaf {
  return {
    account: chain.account(index).address,
    equityWad: index % 2 === 0 ? -5n * WAD : BigInt(index) * WAD,
    maintenanceWad: 3n * WAD,
    initialWad: 4n * WAD,
    healthWad: index === 11 ? maxUint256 : WAD + BigInt(index),
    pledgedEquityWad: 0n,
    pledgedFreeWad: 0n,
    pledgedHealthWad: 0n,
    positionsHash: `0x${String(index).padStart(64, '0')}`,
  };
}

/** Posts a report over accounts 10 to 16 with two signatures, and gives its tree. */
async function post(change: Partial<MarginLeaf> = {}): Promise<LeafTree> {
  const leaves = [10, 11, 12, 13, 14, 15, 16].map((index) => ({ ...leafOf(index), ...(index === 12 ? change : {}) }));
  const tree = buildTree(leaves);
  const { timestamp: asOf } = await chain.publicClient.getBlock();
  epoch += 1n;
  const hash: Hex = `0x${'11'.repeat(32)}`;
  const root = { epoch, asOf, validUntil: asOf + 600n, snapshotHash: hash, modelHash: hash, root: tree.root };
  const typed = rootTypedData(root, { chainId: 31_337, marginOracle: oracle.address });
  const [one, two] = SIGNERS.map((index) => chain.account(index)).sort((a, b) =>
    a.address.toLowerCase() < b.address.toLowerCase() ? -1 : 1,
  );
  await oracle.write('post', [root, [await one?.signTypedData(typed), await two?.signTypedData(typed)]]);
  return tree;
}

/** The account's margin as any viem client reads it. */
const read = (account: Address): Promise<MarginLeaf> => lookup.read('leafOf', [account]);

test("default: viem's own client fetches a leaf through the gateway, and the contract has checked it", async () => {
  const tree = await post();
  serve = (data) => answerLeafLookup(data, tree);
  for (const index of [10, 11, 12]) {
    expect(await read(chain.account(index).address)).toEqual(leafOf(index));
  }
  expect(requests).toHaveLength(3);
});

test('behavior: the answer is of the newest report', async () => {
  await post();
  const tree = await post({ healthWad: 7n });
  serve = (data) => answerLeafLookup(data, tree);
  expect((await read(chain.account(12).address)).healthWad).toBe(7n);
});

test('error: a gateway that changes a number is not believed', async () => {
  const tree = await post();
  serve = (data) =>
    answerLeafLookup(data, {
      prove: (account) => {
        const { leaf, proof } = tree.prove(account);
        return { leaf: { ...leaf, healthWad: leaf.healthWad + 1n }, proof };
      },
    });
  await expect(read(chain.account(12).address)).rejects.toThrow(/custom error 'LeafNotProven/);
  expect(requests).toHaveLength(1);
  serve = (data) => answerLeafLookup(data, tree);
  expect(await read(chain.account(12).address)).toEqual(leafOf(12));
});

test('error: a gateway that serves an older report is not believed', async () => {
  const old = await post();
  const tree = await post({ healthWad: 7n });
  serve = (data) => answerLeafLookup(data, old);
  await expect(read(chain.account(12).address)).rejects.toThrow(/custom error 'LeafNotProven/);
  serve = (data) => answerLeafLookup(data, tree);
  expect((await read(chain.account(12).address)).healthWad).toBe(7n);
});

test("error: a gateway that serves another account's leaf is not believed", async () => {
  const tree = await post();
  serve = (data) => answerLeafLookup(data, { prove: () => tree.prove(chain.account(11).address) });
  await expect(read(chain.account(12).address)).rejects.toThrow(/custom error 'LeafOfAnotherAccount/);
  expect(await read(chain.account(11).address)).toEqual(leafOf(11));
});

test('error: an account without a leaf has no answer', async () => {
  const tree = await post();
  serve = (data) => answerLeafLookup(data, tree);
  await expect(read(chain.account(40).address)).rejects.toThrow(/404|NoLeafError/);
  expect(requests).toHaveLength(1);
});

test('error: a call for something else is refused by name', () => {
  const tree = buildTree([leafOf(10)]);
  expect(() => answerLeafLookup('0x12345678', tree)).toThrow(BadLookupError);
  expect(() => answerLeafLookup('0x', tree)).toThrow(BadLookupError);
});
