import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalChain, startChain } from '../../scripts/chain.ts';
import { connect, RpcError, WrongChainError } from '../../src/chain/connect.ts';
import { SourceError } from '../../src/errors.ts';
import { type Answer, startHttpNode } from './httpNode.ts';

let chain: LocalChain;

beforeAll(async () => {
  chain = await startChain();
});

afterAll(async () => {
  await chain.stop();
});

const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

async function failure(answer: Answer, path = ''): Promise<unknown> {
  const node = await startHttpNode(answer);
  try {
    return await caught(connect({ url: `http://user:hunter2@127.0.0.1:${node.port}${path}`, timeoutMs: 150 }));
  } finally {
    node.stop();
  }
}

describe('connect', () => {
  test('default', async () => {
    const connected = await connect({ url: chain.url, chainId: 31337 });
    expect(connected.chainId).toBe(31337);
    expect(connected.endpoint).toBe(chain.url);
    expect(await connected.client.getBlockNumber()).toBeGreaterThanOrEqual(0n);
  });

  test('behavior: without an expected chain id it takes the node at its word', async () => {
    expect((await connect({ url: chain.url })).chainId).toBe(31337);
  });

  test('error: WrongChainError', async () => {
    const error = await caught(connect({ url: chain.url, chainId: 1 }));
    expect(error).toBeInstanceOf(WrongChainError);
    expect(error).toMatchObject({ code: 'WrongChainError', expected: 1, actual: 31337 });
    expect((error as Error).message).toMatch(/is on chain 31337, expected chain 1\. Use the URL/);
  });

  test('error: RpcError when nothing listens', async () => {
    const node = await startHttpNode('silence');
    node.stop();
    const error = await caught(connect({ url: `http://127.0.0.1:${node.port}` }));
    expect(error).toBeInstanceOf(RpcError);
    expect(error).toBeInstanceOf(SourceError);
    expect((error as Error).message).toMatch(/failed on eth_chainId: .*Check that it runs/);
    expect((error as Error).cause).toMatchObject({ name: 'HttpRequestError' });
  });

  test('error: RpcError when the node is silent', async () => {
    const error = await failure('silence');
    expect(error).toBeInstanceOf(RpcError);
    expect((error as Error).message).toMatch(/took too long/);
  });

  test('error: RpcError when the node refuses, is no node, or the URL is none', async () => {
    expect(await failure({ status: 401, body: '{"error":"bad key"}' })).toBeInstanceOf(RpcError);
    expect(await failure({ status: 200, body: '<html>' })).toBeInstanceOf(RpcError);
    const refusal = '{"jsonrpc":"2.0","id":1,"error":{"code":-32005,"message":"limit"}}';
    expect(await failure({ status: 200, body: refusal })).toBeInstanceOf(RpcError);
    const error = await caught(connect({ url: 'not a url/with-key-abc123' }));
    expect(error).toBeInstanceOf(RpcError);
    expect(inspect(error, { depth: 12 })).not.toMatch(/abc123/);
  });

  test('behavior: no part of an error shows the path, query or user info of the URL', async () => {
    const answers: readonly Answer[] = ['silence', { status: 500, body: '{}' }, { status: 200, body: '<html>' }];
    for (const answer of answers) {
      const error = await failure(answer, '/v2/Sup3rSecretKey?token=t0psecret');
      const shown = inspect(error, { depth: 12, showHidden: true });
      expect(shown).toMatch(/127\.0\.0\.1/);
      expect(shown).not.toMatch(/Sup3rSecretKey|t0psecret|hunter2/);
      expect(JSON.stringify(error)).not.toMatch(/Sup3rSecretKey|t0psecret|hunter2/);
    }
  });
});
