import { type Address, getAddress, isAddress } from 'viem';
import type { PinnedBlock } from '../../chain/pinnedChain.ts';
import { requirePreset } from '../../engine/models/presets.ts';
import { MarginError } from '../../errors.ts';
import { viewAccount } from '../../node/accountView.ts';
import { pinSites } from '../../node/pinSites.ts';
import { readSnapshotOf } from '../../node/snapshot.ts';
import { readOnChainMargin } from '../../post/oracleReader.ts';
import { readPledges } from '../../post/pledgeReader.ts';
import { buildReport } from '../../report/report.ts';
import { sortBlocks } from '../../report/snapshot.ts';
import { NoLeafError } from '../../report/tree.ts';
import { type ChainOptions, connectDeployment } from '../connectDeployment.ts';
import { createOutput } from '../output.ts';
import { renderHealth } from '../renderHealth.ts';
import { resumeSites } from '../resumeSites.ts';

/** `crossmargin health <address>`: reads the account at the newest block, computes its margin, compares with the oracle. */
export async function health(address: string, options: ChainOptions): Promise<void> {
  const output = createOutput(options);
  const account = requireAddress(address);
  const { config, others, ...first } = await connectDeployment(options);
  const { chain, deployment } = first;
  const pinned = await pinSites([first, ...others]);
  const blocks = pinned.map((site) => site.chain.block);
  output.note(`Reading ${blocks.map((one) => `block ${one.number} of chain ${one.chainId}`).join(' and ')} …`);
  const { sites, save } = await resumeSites(pinned, [first, ...others]);
  const snapshot = await readSnapshotOf(sites, [account]);
  await save();
  const report = buildReport({ epoch: 0n, validUntil: 0n, snapshot, model: requirePreset(config.model) });
  const [entry] = report.accounts;
  if (entry === undefined) throw new NoLeafError(account);
  const [block] = blocks as [PinnedBlock];
  const { marginOracle } = deployment;
  const onChain =
    marginOracle === undefined
      ? { refused: 'no MarginOracle on this chain' }
      : await readOnChainMargin(account, { chain, marginOracle, blockHash: block.hash });
  const collateralLedger = deployment.custody?.collateralLedger;
  const pledges =
    collateralLedger === undefined
      ? undefined
      : await readPledges(account, { chain, collateralLedger, blockHash: block.hash });
  const healths = snapshot.healths.get(account.toLowerCase()) ?? [];
  const ignored = snapshot.ignored.get(account.toLowerCase());
  const { modelHash } = report.root;
  const view = viewAccount({ report: entry, modelHash, healths, ignored, onChain, pledges });
  if (!output.json) return output.print(renderHealth(view, blocks));
  const named = sortBlocks(blocks).map((one) => ({ ...one, number: Number(one.number) }));
  const { chainId, number, hash } = block;
  output.printJson({ block: { chainId, number: Number(number), hash }, blocks: named, ...view });
}

/** @throws {AddressError} for anything that is not an address, or whose checksum is wrong. */
export function requireAddress(text: string): Address {
  if (!isAddress(text)) throw new AddressError(text);
  return getAddress(text);
}

/** A text that is not an address. */
export class AddressError extends MarginError {
  readonly code = 'AddressError';

  constructor(text: string) {
    super(`"${text}" is not an address, or its checksum is wrong. Give 0x and 40 hexadecimal digits.`);
  }
}
