import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalChain, startPastChain } from '../../scripts/chain.ts';
import { assembleQuorum, type Stage, setStage } from '../../scripts/demo/stage.ts';
import { defineConfig } from '../../src/config.ts';
import type { EpochOptions } from '../../src/node/epoch.ts';
import type { Dissent } from '../../src/report/quorum.ts';
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
export async function openStage(): Promise<TestStage> {
  const chain = await startPastChain();
  const stage = await setStage(chain, () => undefined);
  const dissents: Dissent[] = [];
  const onDissent = (dissent: Dissent) => void dissents.push(dissent);
  const epochs = await assembleQuorum(chain, { deployment: stage.deployment, config: TEST_CONFIG, onDissent });
  const dataDir = await mkdtemp(join(tmpdir(), 'crossmargin-'));
  await openFileStore(dataDir, stage.deployment.chainId).saveDeployment(stage.deployment);
  return { ...stage, chain, epochs, dataDir, dissents };
}
