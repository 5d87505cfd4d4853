import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { toHex } from 'viem';
import type { LocalChain } from '../../scripts/chain.ts';

/** What a process of the command line said and how it ended. */
export interface CliResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');

/** Runs `crossmargin …` as a process of its own, as a user would. */
export function runCli(
  args: readonly string[],
  { env = {}, stdin = '' }: { readonly env?: Readonly<Record<string, string>>; readonly stdin?: string } = {},
): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, NODE_OPTIONS: '', ...env } });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => (stdout += data));
    child.stderr.on('data', (data) => (stderr += data));
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
    child.stdin.end(stdin);
  });
}

/** The environment of `crossmargin node` for accounts of the mnemonic. */
export function keysOf(
  chain: LocalChain,
  { signers, poster }: { readonly signers: readonly number[]; readonly poster: number },
): Record<string, string> {
  const key = (index: number) => toHex(chain.account(index).getHdKey().privateKey as Uint8Array);
  return { CROSSMARGIN_SIGNER_KEYS: signers.map(key).join(','), CROSSMARGIN_POSTER_KEY: key(poster) };
}
