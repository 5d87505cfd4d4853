import { GraphQLClient } from 'graphql-request';
import { type Address, isAddress } from 'viem';
import type { SubgraphConfig } from '../chain/deployment.ts';
import type { PinnedBlock } from '../chain/pinnedChain.ts';
import { redactCause, redactText, redactUrl } from '../chain/redact.ts';
import { SourceError } from '../errors.ts';
import { sortAccounts } from './holders.ts';

/** The Graph answers at most so many entities a page, and skips at most so many. */
const PAGE = 1_000;
const MAX_SKIP = 5_000;
const TIMEOUT_MS = 30_000;

/**
 * Everyone whom a subgraph lists at the block. It only finds accounts: what they hold, the chain says.
 * Source: The Graph's query API: `first`, `skip`, `where: { id_gt }`, `block: { hash }`, `_meta`.
 *
 * @throws {SubgraphError} when it does not answer, not for this block, with errors in its index, or with something else than accounts.
 */
export async function readSubgraph(config: SubgraphConfig, block: PinnedBlock): Promise<readonly Address[]> {
  const client = new GraphQLClient(config.url, { fetch: fetchInTime });
  const found: Address[] = [];
  for (let after = ''; ; ) {
    const window = await readWindow({ client, config, block }, after);
    found.push(...window.map(({ account }) => account));
    if (window.length < PAGE + MAX_SKIP) return sortAccounts(found);
    after = window[window.length - 1]?.id ?? after;
  }
}

interface Source {
  readonly client: GraphQLClient;
  readonly config: SubgraphConfig;
  readonly block: PinnedBlock;
}

interface Entity {
  readonly id: string;
  readonly account: Address;
}

/** As many entities after an id as skipping reaches, in the order of their ids. */
async function readWindow(source: Source, after: string): Promise<readonly Entity[]> {
  const entities: Entity[] = [];
  for (let skip = 0; skip <= MAX_SKIP; skip += PAGE) {
    const page = await readPage(source, { after, skip });
    for (const entity of page) entities.push(requireNext(source, { last: entities.at(-1)?.id ?? after, entity }));
    if (page.length < PAGE) break;
  }
  return entities;
}

async function readPage(source: Source, at: { readonly after: string; readonly skip: number }) {
  const { client, config, block } = source;
  const answer = await client
    .request<unknown>(queryOf(config), { ...at, first: PAGE, hash: block.hash })
    .catch((error: unknown) => {
      throw failure(source, { reason: redactText(wordsOf(error), config.url), cause: redactCause(error, config.url) });
    });
  requireBlock(source, answer);
  const { entities } = answer as { readonly entities?: unknown };
  if (!Array.isArray(entities)) throw failure(source, { reason: `It answers no list of ${config.entity}.` });
  return entities.map((entity) => requireEntity(source, entity));
}

function queryOf({ entity, account }: SubgraphConfig): string {
  const selection = account.split('.').reduceRight((inner, name) => (inner === '' ? name : `${name} { ${inner} }`), '');
  return `query ($first: Int!, $skip: Int!, $after: ID!, $hash: Bytes!) {
  _meta(block: { hash: $hash }) { hasIndexingErrors block { hash number } }
  entities: ${entity}(first: $first, skip: $skip, where: { id_gt: $after }, orderBy: id, orderDirection: asc, block: { hash: $hash }) { id ${selection} }
}`;
}

/** An index that is of another block, or that has errors, is no answer. */
function requireBlock(source: Source, answer: unknown): void {
  const { _meta: meta } = answer as { readonly _meta?: Meta | null };
  const { hash, number } = source.block;
  if (meta?.hasIndexingErrors !== false) throw failure(source, { reason: 'It has indexing errors, or does not say.' });
  if (meta.block?.hash?.toLowerCase() !== hash.toLowerCase() || meta.block.number !== Number(number)) {
    const other = `${meta.block?.number} (${meta.block?.hash})`;
    throw failure(source, { reason: `It answers for block ${other}, not for block ${number} (${hash}).` });
  }
}

interface Meta {
  readonly hasIndexingErrors?: boolean;
  readonly block?: { readonly hash?: string | null; readonly number?: number } | null;
}

function requireEntity(source: Source, entity: unknown): Entity {
  const read = (from: unknown, name: string) => (from as Readonly<Record<string, unknown>> | null)?.[name];
  const id = read(entity, 'id');
  const account = source.config.account.split('.').reduce(read, entity);
  if (typeof id !== 'string' || typeof account !== 'string' || !isAddress(account, { strict: false })) {
    throw failure(source, { reason: `${source.config.account} of its entity ${id} is ${account}, not an address.` });
  }
  return { id, account };
}

/** Pages that overlap or go back would leave somebody out without saying so. */
function requireNext(source: Source, { last, entity }: { readonly last: string; readonly entity: Entity }): Entity {
  if (entity.id > last) return entity;
  throw failure(source, { reason: `It answers ${entity.id} after ${last}: its pages are not in the order of ids.` });
}

function fetchInTime(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  return fetch(input, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
}

/** What the indexer says, or else what failed: graphql-request puts the whole request into its message. */
function wordsOf(error: unknown): string {
  const { response } = error as {
    readonly response?: { readonly status?: number; readonly errors?: readonly { readonly message: string }[] };
  };
  const said = response?.errors?.map(({ message }) => message).join(' ');
  if (said !== undefined && said !== '') return said;
  return response?.status === undefined ? String(error) : `HTTP status ${response.status}.`;
}

function failure(
  { config, block }: Source,
  { reason, cause }: { readonly reason: string; readonly cause?: unknown },
): SubgraphError {
  return new SubgraphError({ endpoint: redactUrl(config.url), block: block.number, reason, cause });
}

/** A subgraph that cannot say who is at a venue at a block. Whom it leaves out nobody would report. */
export class SubgraphError extends SourceError {
  readonly code = 'SubgraphError';
  readonly endpoint: string;

  constructor(fields: {
    readonly endpoint: string;
    readonly block: bigint;
    readonly reason: string;
    readonly cause?: unknown;
  }) {
    super(
      `The subgraph at ${fields.endpoint} does not list the accounts at block ${fields.block}: ${fields.reason} Wait until it has indexed the block, or leave it out of the deployment: then logs are read.`,
      { cause: fields.cause },
    );
    this.endpoint = fields.endpoint;
  }
}
