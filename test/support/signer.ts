import { connect } from '../../src/chain/connect.ts';
import type { OracleDeployment } from '../../src/chain/deployment.ts';
import { requirePreset } from '../../src/engine/models/presets.ts';
import { createSigner } from '../../src/node/signer.ts';
import type { Signer } from '../../src/report/quorum.ts';
import type { CursorStore } from '../../src/store/cursorFile.ts';
import { TEST_CONFIG, type TestStage } from './stage.ts';

/** What differs from a signer of the stage. */
export interface SignerOverrides {
  readonly deployment?: OracleDeployment;
  readonly url?: string;
  readonly cursor?: CursorStore;
}

/** The signer of an account of the mnemonic, with a client of its own. */
export async function localSigner(
  stage: TestStage,
  { index, ...overrides }: SignerOverrides & { readonly index: number },
): Promise<Signer> {
  const { deployment = stage.deployment, url = stage.chain.url, cursor } = overrides;
  return createSigner({
    account: stage.chain.account(index),
    chain: await connect({ url, timeoutMs: 5_000 }),
    deployment,
    model: requirePreset(TEST_CONFIG.model),
    bounds: { maxValidSeconds: TEST_CONFIG.validSeconds, maxBlockAgeSeconds: TEST_CONFIG.maxBlockAgeSeconds },
    ...(cursor !== undefined && { cursor }),
  });
}
