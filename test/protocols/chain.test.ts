import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createPublicClient, createWalletClient, http, parseEther } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, type LocalChain, startChain } from '../../scripts/chain.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let chain: LocalChain;

beforeAll(async () => {
  chain = await startChain();
});

afterAll(async () => {
  await chain.stop();
});

describe('startChain', () => {
  test('default', async () => {
    expect(chain.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await chain.publicClient.getChainId()).toBe(31_337);
    expect(chain.account(0).address).toBe('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266');
    expect(chain.account(1).address).toBe('0x70997970C51812dc3A010C7d01b50e0d17dc79C8');
  });

  test('behavior: any client of the url sees the same chain', async () => {
    const hash = await chain.wallet(40).sendTransaction({ to: chain.account(41).address, value: parseEther('1') });
    const other = createPublicClient({ transport: http(chain.url) });
    expect((await other.getTransactionReceipt({ hash })).status).toBe('success');
    expect(await connect(chain.url).publicClient.getBlockNumber()).toBe(await chain.publicClient.getBlockNumber());
  });

  test('behavior: two hundred transactions do not run ahead of the clock', async () => {
    const before = await chain.publicClient.getBlockNumber();
    const account = chain.account(42).address;
    const wallet = createWalletClient({ account, chain: chain.chain, transport: http(chain.url) });
    for (let sent = 0; sent < 200; sent++) await wallet.sendTransaction({ to: account, value: 1n, gas: 21_000n });
    const { number, timestamp } = await chain.publicClient.getBlock();
    expect(number - before).toBe(200n);
    expect(Number(timestamp) - Date.now() / 1_000).toBeLessThan(5);
  });

  test('behavior: a chain that starts in the past has the time of then', async () => {
    const startAt = new Date('2026-01-01T00:00:00Z');
    const past = await startChain({ startAt });
    const { timestamp } = await past.publicClient.getBlock();
    expect(Math.abs(Number(timestamp) - startAt.getTime() / 1_000)).toBeLessThan(5);
    await past.stop();
  });

  test('behavior: a stopped chain answers no more', async () => {
    const brief = await startChain();
    await brief.stop();
    await expect(brief.publicClient.getBlockNumber()).rejects.toThrow('HTTP request failed');
  });

  test('behavior: the process ends by itself after stop', async () => {
    const script = `
      import { startChain } from './scripts/chain.ts';
      const chain = await startChain();
      await chain.publicClient.getBlockNumber();
      await chain.stop();
      console.log('stopped');`;
    const options = { cwd: ROOT, timeout: 20_000 };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], options);
    expect(stdout).toBe('stopped\n');
  });
});
