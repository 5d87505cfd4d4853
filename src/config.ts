import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { MarginError } from './errors.ts';

const key = z.string().regex(/^0x[0-9a-fA-F]{64}$/, 'is not a private key of 32 bytes in hexadecimal');

/** A report lives nine hours at most: `MAX_LIFE_SECONDS` of MarginOracle. */
const MAX_SIGNER_SECONDS = 32_400;

const schema = z.strictObject({
  /** Where deployments and epochs are kept, relative to the working directory. */
  dataDir: z.string().min(1).default('.crossmargin'),
  /** A node of each chain that is read. */
  rpcUrls: z.array(z.url()).min(1).default(['http://127.0.0.1:8545']),
  /** The preset that signers run. */
  model: z.string().min(1).default('crossmargin-1'),
  /** The time between two epochs. */
  epochSeconds: z.int().positive().default(5),
  /** How long a posted root answers questions. */
  validSeconds: z.int().positive().default(600),
  /** How long a signer may take to answer; the first reading of a chain takes longest. */
  signerSeconds: z.int().positive().max(MAX_SIGNER_SECONDS).default(120),
  /** How far behind its own head a signer accepts a proposed block. */
  maxBlockAgeSeconds: z.int().positive().default(120),
  /** Every how many epochs a signer reads every account in full, and compares with what it carried forward; 1: each time. */
  fullReadEvery: z.int().positive().default(100),
});

/** What this deployment watches and how. No secrets. */
export type Config = z.infer<typeof schema>;

/** The keys of `crossmargin node`, from the environment only. */
export interface Keys {
  readonly signerKeys: readonly `0x${string}`[];
  readonly posterKey: `0x${string}`;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** For `crossmargin.config.ts`: the given settings over the defaults. */
export function defineConfig(settings: z.input<typeof schema>): Config {
  const parsed = schema.safeParse(settings);
  if (parsed.success) return parsed.data;
  throw new ConfigError(z.prettifyError(parsed.error));
}

/** The settings of `crossmargin.config.ts` in a directory (the defaults without one), under CROSSMARGIN_RPC_URL (several separated by commas) and CROSSMARGIN_DATA_DIR. */
export async function loadConfig(directory: string, env: Environment): Promise<Config> {
  const file = join(directory, 'crossmargin.config.ts');
  const settings = existsSync(file) ? ((await import(pathToFileURL(file).href)) as { default: Config }).default : {};
  return defineConfig({
    ...settings,
    ...(env.CROSSMARGIN_RPC_URL === undefined ? {} : { rpcUrls: env.CROSSMARGIN_RPC_URL.split(',') }),
    ...(env.CROSSMARGIN_DATA_DIR === undefined ? {} : { dataDir: env.CROSSMARGIN_DATA_DIR }),
  });
}

/** CROSSMARGIN_SIGNER_KEYS (comma-separated) and CROSSMARGIN_POSTER_KEY. @throws {ConfigError} without ever printing one. */
export function loadKeys(env: Environment): Keys {
  const keys = z
    .object({ signerKeys: z.array(key).min(1), posterKey: key })
    .safeParse({ signerKeys: env.CROSSMARGIN_SIGNER_KEYS?.split(','), posterKey: env.CROSSMARGIN_POSTER_KEY });
  if (keys.success) return keys.data as Keys;
  throw new ConfigError(
    'CROSSMARGIN_SIGNER_KEYS (private keys, comma-separated) and CROSSMARGIN_POSTER_KEY must be set in the environment',
  );
}

/** CROSSMARGIN_SIGNER_KEYS alone, for `crossmargin permit`. @throws {ConfigError} without ever printing one. */
export function loadSignerKeys(env: Environment): Keys['signerKeys'] {
  const keys = z.array(key).min(1).safeParse(env.CROSSMARGIN_SIGNER_KEYS?.split(','));
  if (keys.success) return keys.data as Keys['signerKeys'];
  throw new ConfigError('CROSSMARGIN_SIGNER_KEYS (private keys, comma-separated) must be set in the environment');
}

/** CROSSMARGIN_KEEPER_KEY, for `crossmargin keeper`. @throws {ConfigError} without ever printing it. */
export function loadKeeperKey(env: Environment): Keys['posterKey'] {
  const found = key.safeParse(env.CROSSMARGIN_KEEPER_KEY);
  if (found.success) return found.data as Keys['posterKey'];
  throw new ConfigError('CROSSMARGIN_KEEPER_KEY (a private key) must be set in the environment');
}

/** A setting that cannot be used. */
export class ConfigError extends MarginError {
  readonly code = 'ConfigError';

  constructor(problem: string) {
    super(`The configuration cannot be used: ${problem}. Correct crossmargin.config.ts or the environment.`);
  }
}
