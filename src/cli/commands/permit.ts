import { readFile } from 'node:fs/promises';
import type { Address } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { requireOracle } from '../../chain/requireOracle.ts';
import { loadSignerKeys } from '../../config.ts';
import { requirePreset } from '../../engine/models/presets.ts';
import { MarginError } from '../../errors.ts';
import { pinSites } from '../../node/pinSites.ts';
import { signInTime } from '../../node/signInTime.ts';
import { gatherPermit } from '../../permit/gatherPermit.ts';
import { parsePlanCalls, parseTransaction } from '../../permit/parseProposal.ts';
import { createPermitSigner, type PermitSignerOptions } from '../../permit/permitSigner.ts';
import { createPlanSigner, gatherPlan } from '../../permit/planSigner.ts';
import { readSafeNonce } from '../../permit/readSafeNonce.ts';
import { requireCustody } from '../../permit/requireCustody.ts';
import { readQuorums } from '../../post/oracleReader.ts';
import { type Agreement, describeDissent } from '../../report/agreement.ts';
import { sortBlocks } from '../../report/snapshot.ts';
import { type ChainOptions, type Connection, connectDeployment } from '../connectDeployment.ts';
import { createOutput, toJson } from '../output.ts';
import { signerSite } from '../signerSite.ts';
import { requireAddress } from './health.ts';

export interface PermitOptions extends ChainOptions {
  readonly account: string;
  /** A transaction of the Safe, or a file that has one. */
  readonly transaction?: string;
  /** Calls that bring the account back, or a file that has them. */
  readonly plan?: string;
  /** How long what is signed holds, from the block. */
  readonly valid: string;
}

/** `crossmargin permit`: the signers whose keys the environment has execute it without sending it, and sign what they find. */
export async function permit(options: PermitOptions): Promise<void> {
  const output = createOutput({ json: true });
  const account = requireAddress(options.account);
  const { transaction, plan } = options;
  if ((transaction === undefined) === (plan === undefined)) throw new PermitOptionsError();
  const connection = await connectDeployment(options);
  const ask = transaction === undefined ? await askPlan(plan as string) : await askTransaction(transaction);
  const { answer, signatures, dissents } = await ask({ connection, account, validSeconds: Number(options.valid) });
  for (const dissent of dissents) process.stderr.write(`${describeDissent(dissent)}\n`);
  const { signature: _, ...agreed } = answer;
  output.printJson({ ...JSON.parse(toJson(agreed)), signatures });
}

interface Asked {
  readonly connection: Connection;
  readonly account: Address;
  readonly validSeconds: number;
}

type Ask = (asked: Asked) => Promise<Agreement<{ readonly signature: string }>>;

async function askTransaction(text: string): Promise<Ask> {
  const json = parseTransaction(await readText(text));
  return async (request) => {
    const { connection, account } = request;
    const { common, signers, quorum, chainId } = await prepare(request);
    const nonce = json.nonce ?? (await readSafeNonce(connection.chain, account));
    const guard = { chainId, address: requireCustody(connection.deployment).pledgeGuard };
    const proposal = { ...common, account, transaction: { ...json, nonce } };
    const asked = signers.map((signer) => signInTime(createPermitSigner(signer), connection.config.signerSeconds));
    return gatherPermit(proposal, { signers: asked, quorum, guard });
  };
}

async function askPlan(text: string): Promise<Ask> {
  const calls = parsePlanCalls(await readText(text));
  return async (asked) => {
    const { common, signers, quorum, chainId } = await prepare(asked);
    const auction = { chainId, address: requireCustody(asked.connection.deployment).liquidationAuction };
    const proposal = { ...common, account: asked.account, calls };
    const { signerSeconds } = asked.connection.config;
    const planners = signers.map((signer) => signInTime(createPlanSigner(signer), signerSeconds));
    return gatherPlan(proposal, { signers: planners, quorum, auction });
  };
}

/** The newest block of every chain, the signers of the environment, and how many of them must agree. */
async function prepare({ connection, validSeconds }: Asked) {
  const { config, others, ...first } = connection;
  const { marginOracle } = requireOracle(first.deployment);
  const sites = await pinSites([first, ...others]);
  const blocks = sites.map(({ chain }) => chain.block);
  const asOf = Math.min(...blocks.map(({ timestamp }) => timestamp));
  const bounds = { maxValidSeconds: config.validSeconds, maxBlockAgeSeconds: config.maxBlockAgeSeconds };
  const signers = loadSignerKeys(process.env).map(async (key): Promise<PermitSignerOptions> => {
    const account = privateKeyToAccount(key);
    const own = await signerSite(first, account.address);
    const elsewhere = await Promise.all(others.map((site) => signerSite(site, account.address)));
    return { account, ...own, others: elsewhere, model: requirePreset(config.model), bounds };
  });
  return {
    common: { validUntil: BigInt(asOf + validSeconds), blocks: sortBlocks(blocks) },
    signers: await Promise.all(signers),
    quorum: (await readQuorums({ chain: first.chain, marginOracle })).quorum,
    chainId: first.chain.chainId,
  };
}

/** JSON as it is given, or of the file that is named. @throws {PermitFileError} */
async function readText(given: string): Promise<string> {
  if (/^\s*[[{]/.test(given)) return given;
  try {
    return await readFile(given, 'utf8');
  } catch (cause) {
    throw new PermitFileError(given, { cause });
  }
}

/** Neither a transaction nor a plan is given, or both. */
export class PermitOptionsError extends MarginError {
  readonly code = 'PermitOptionsError';

  constructor() {
    super('Give --transaction for a permit, or --plan for an unwind plan, and not both.');
  }
}

/** A file that cannot be read. */
export class PermitFileError extends MarginError {
  readonly code = 'PermitFileError';

  constructor(file: string, options: ErrorOptions) {
    super(`${file} cannot be read. Give JSON, or a file that has it.`, options);
  }
}
