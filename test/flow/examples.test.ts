import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { USERS } from '../../scripts/protocols/users.ts';
import { runEpoch } from '../../src/node/epoch.ts';
import { openStage, type TestStage } from '../support/stage.ts';

const run = promisify(execFile);
const EXAMPLES = join(import.meta.dirname, '../../examples');

let stage: TestStage;

beforeAll(async () => {
  stage = await openStage();
  await runEpoch(stage.epochs, 0n);
});
afterAll(() => stage.chain.stop());

test('default: the keeper example names the account under water, then the loop of one stablecoin against another', async () => {
  const { stdout } = await run(process.execPath, [join(EXAMPLES, 'keeper.ts'), stage.chain.url, stage.dataDir]);
  const unhealthy = (['under water', 'stable loop'] as const).map((name) => stage.chain.account(USERS[name]).address);
  expect(stdout.match(/0x[0-9a-fA-F]{40}/g)).toEqual(unhealthy);
});

test('default: the wallet example prints one health factor', async () => {
  const { address } = stage.chain.account(USERS['hedged borrower']);
  const { stdout } = await run(process.execPath, [
    join(EXAMPLES, 'wallet.ts'),
    address,
    stage.chain.url,
    stage.dataDir,
  ]);
  expect(stdout).toMatch(/^health [23]\.\d+, worst: ETH /);
});
