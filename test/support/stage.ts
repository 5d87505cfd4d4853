import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalChain, startPastChain } from '../../scripts/chain.ts';
import { assembleQuorum, type Stage, type StageOptions, setStage } from '../../scripts/demo/stage.ts';
import { ROLLUP_CHAIN_ID, type Rollup } from '../../scripts/protocols/rollup.ts';
import { defineConfig } from '../../src/config.ts';
import type { EpochOptions } from '../../src/node/epoch.ts';
import type { Dissent } from '../../src/report/agreement.ts';
import { openFileStore } from '../../src/store/files.ts';

/** The whole stage of `npm start` for a test: real protocols, accounts, our contracts, five signers, a data directory. */
export interface TestStage extends Stage {
  readonly chain: LocalChain;
  readonly epochs: EpochOptions;
  readonly dataDir: string;
  /** What signers that are not part of a quorum said, newest last. */
  readonly dissents: Dissent[];
}

export const TEST_CONFIG = defineConfig({});

/** Sets the stage on a chain of its own. Stop it with `stage.chain.stop()`. */
export function openStage(): Promise<TestStage> {
  return open({});
}

/** The stage with a rollup beside it. Stop that too, with `stage.rollup.chain.stop()`. */
export async function openTwoChains(): Promise<TestStage & { readonly rollup: Rollup }> {
  const stage = await open({ rollupChain: await startPastChain({ chainId: ROLLUP_CHAIN_ID }) });
  return stage as TestStage & { readonly rollup: Rollup };
}

async function open({ rollupChain }: Pick<StageOptions, 'rollupChain'>): Promise<TestStage> {
  const chain = await startPastChain();
  const stage = await setStage(chain, { note: () => undefined, ...(rollupChain !== undefined && { rollupChain }) });
  const { deployment, rollup } = stage;
  const dissents: Dissent[] = [];
  const onDissent = (dissent: Dissent) => void dissents.push(dissent);
  const epochs = await assembleQuorum(chain, { deployment, rollup, config: TEST_CONFIG, onDissent });
  const dataDir = await mkdtemp(join(tmpdir(), 'crossmargin-'));
  for (const one of [deployment, ...(rollup === undefined ? [] : [rollup.deployment])]) {
    await openFileStore(dataDir, one.chainId).saveDeployment(one);
  }
  return { ...stage, chain, epochs, dataDir, dissents };
}
