import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigError, defineConfig, loadConfig, loadKeys } from '../src/config.ts';

const KEY = `0x${'11'.repeat(32)}`;

test('default: without a file and an environment the defaults hold', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'crossmargin-'));
  expect(await loadConfig(empty, {})).toEqual(defineConfig({}));
});

test('behavior: the environment goes before the file, the file before the defaults', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'crossmargin-'));
  await writeFile(
    join(directory, 'crossmargin.config.ts'),
    'export default { dataDir: "elsewhere", epochSeconds: 7 };',
  );
  const config = await loadConfig(directory, { CROSSMARGIN_RPC_URL: 'http://127.0.0.1:1234' });
  expect(config).toMatchObject({
    dataDir: 'elsewhere',
    epochSeconds: 7,
    rpcUrls: ['http://127.0.0.1:1234'],
    validSeconds: 600,
  });
  expect((await loadConfig(directory, { CROSSMARGIN_DATA_DIR: 'here' })).dataDir).toBe('here');
});

test("behavior: the project's own file is the defaults", async () => {
  expect(await loadConfig(join(import.meta.dirname, '..'), {})).toEqual(defineConfig({}));
});

test('error: ConfigError for a setting that is not known or makes no sense', () => {
  expect(() => defineConfig({ epochSeconds: 0 })).toThrow(ConfigError);
  expect(() => defineConfig({ epochsSeconds: 5 } as never)).toThrow(/epochsSeconds/);
  expect(() => defineConfig({ rpcUrls: ['localhost'] })).toThrow(ConfigError);
});

test('default: keys come from the environment', () => {
  const keys = loadKeys({ CROSSMARGIN_SIGNER_KEYS: `${KEY},${KEY}`, CROSSMARGIN_POSTER_KEY: KEY });
  expect(keys.signerKeys).toHaveLength(2);
});

test('error: ConfigError names what is missing and prints no key', () => {
  for (const env of [
    {},
    { CROSSMARGIN_SIGNER_KEYS: KEY },
    { CROSSMARGIN_SIGNER_KEYS: '0xsecret', CROSSMARGIN_POSTER_KEY: KEY },
  ]) {
    expect(() => loadKeys(env)).toThrow(/CROSSMARGIN_SIGNER_KEYS/);
    expect(() => loadKeys(env)).not.toThrow(/secret|1111/);
  }
});
