import { defineConfig } from './src/config.ts';

/** What this deployment watches. No secrets: keys come from the environment. */
export default defineConfig({
  dataDir: '.crossmargin',
  rpcUrls: ['http://127.0.0.1:8545'],
  model: 'crossmargin-1',
  epochSeconds: 5,
  validSeconds: 600,
  signerSeconds: 120,
  maxBlockAgeSeconds: 120,
  fullReadEvery: 100,
});
