import { createPublicClient, type PublicClient } from 'viem';
import { MarginError, SourceError } from '../errors.ts';
import { patientHttp } from './patientHttp.ts';
import { redactCause, redactText, redactUrl } from './redact.ts';

/** A connection to one node, whose chain id was asked and found right. */
export interface Chain {
  readonly client: PublicClient;
  readonly chainId: number;
  /** The node's URL without path, query and user info: safe to print. */
  readonly endpoint: string;
}

/** Where a node is and which chain it must be on. */
export interface ConnectOptions {
  /** The node's JSON-RPC over HTTP. May carry a key: it is never printed. */
  readonly url: string;
  /** The chain that is expected. Absent: whichever the node is on. */
  readonly chainId?: number;
  /** How long one request may take, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
  /** What the waits between the tries of one request may add up to, in milliseconds. Default 10,000. */
  readonly patienceMs?: number;
}

/**
 * Connects to a node and asks it for its chain id.
 *
 * @throws {RpcError} when the node is down, does not answer in time or refuses.
 * @throws {WrongChainError} when it is on another chain than the expected one.
 */
export async function connect(options: ConnectOptions): Promise<Chain> {
  const { url, chainId, timeoutMs = 10_000, patienceMs = 10_000 } = options;
  const endpoint = redactUrl(url);
  const client = createPublicClient({ transport: patientHttp(url, { timeoutMs, patienceMs }) });
  const actual = await client.getChainId().catch((error: unknown) => {
    throw rpcError({ client, endpoint }, { what: 'eth_chainId', error });
  });
  if (chainId !== undefined && actual !== chainId) throw new WrongChainError({ endpoint, expected: chainId, actual });
  return { client, chainId: actual, endpoint };
}

/** An {@link RpcError} from whatever a request threw, without the node's URL in it. */
export function rpcError(
  { client, endpoint }: Pick<Chain, 'client' | 'endpoint'>,
  { what, error }: { readonly what: string; readonly error: unknown },
): RpcError {
  const url = String(client.transport.url ?? '');
  return new RpcError({ endpoint, what, reason: redactText(reasonOf(error), url), cause: redactCause(error, url) });
}

/** What a request threw, in the node's own words and without its URL. */
export function wordsOf({ client }: Pick<Chain, 'client'>, error: unknown): string {
  return redactText(reasonOf(error), String(client.transport.url ?? ''));
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { shortMessage, details } = error as Error & { readonly shortMessage?: string; readonly details?: string };
  return [shortMessage ?? error.message.split('\n')[0], details].filter((part) => part).join(' ');
}

/** A node that did not answer, or answered with an error of its own. */
export class RpcError extends SourceError {
  readonly code = 'RpcError';
  readonly endpoint: string;
  /** The request, for instance `eth_getLogs`. */
  readonly what: string;

  constructor(fields: {
    readonly endpoint: string;
    readonly what: string;
    readonly reason: string;
    readonly cause: unknown;
  }) {
    super(
      `The node at ${fields.endpoint} failed on ${fields.what}: ${fields.reason} Check that it runs, that the URL is right and that its rate limit is not reached, then try again.`,
      { cause: fields.cause },
    );
    this.endpoint = fields.endpoint;
    this.what = fields.what;
  }
}

/** A node on another chain than the deployment's. */
export class WrongChainError extends MarginError {
  readonly code = 'WrongChainError';
  readonly endpoint: string;
  readonly expected: number;
  readonly actual: number;

  constructor(fields: { readonly endpoint: string; readonly expected: number; readonly actual: number }) {
    super(
      `The node at ${fields.endpoint} is on chain ${fields.actual}, expected chain ${fields.expected}. Use the URL of a node on chain ${fields.expected}, or the deployment of chain ${fields.actual}.`,
    );
    this.endpoint = fields.endpoint;
    this.expected = fields.expected;
    this.actual = fields.actual;
  }
}
