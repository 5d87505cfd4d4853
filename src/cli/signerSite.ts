import type { Address } from 'viem';
import { connect } from '../chain/connect.ts';
import type { SignerSite } from '../node/signer.ts';
import type { ConnectedSite } from './connectDeployment.ts';

/** A chain through a connection of a signer's own, with a cursor of its own. */
export async function signerSite(
  { url, store, deployment }: Pick<ConnectedSite, 'url' | 'store' | 'deployment'>,
  signer: Address,
): Promise<Required<SignerSite>> {
  const chain = await connect({ url, chainId: deployment.chainId });
  return { chain, deployment, cursor: store.cursorOf(signer) };
}
