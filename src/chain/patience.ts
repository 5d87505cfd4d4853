import { HttpRequestError, RpcRequestError, TimeoutError } from 'viem';

/** How one request may be tried again. */
export interface Patience {
  /** The JSON-RPC method: a log range that is refused or slow is for its reader to make smaller, not to ask again. */
  readonly method: string;
  /** What all waits of one request may add up to, in milliseconds. */
  readonly patienceMs: number;
}

/** Waits before the second, third and fourth try, where the node names none. */
const WAITS_MS = [100, 300, 900];

/**
 * Runs a request until it succeeds, fails for a reason that does not pass by itself, or patience ends: a connection that was
 * reset, an answer cut short, a node that is busy. A node that says how long to wait (Retry-After in seconds) is waited for.
 */
export async function withPatience<T>(request: () => Promise<T>, patience: Patience): Promise<T> {
  let waitedMs = 0;
  for (let tries = 0; ; tries++) {
    try {
      return await request();
    } catch (error) {
      const backoffMs = WAITS_MS[tries];
      if (backoffMs === undefined || !mayPass(error, patience.method)) throw error;
      const waitMs = Math.max(backoffMs, askedWaitMs(error));
      waitedMs += waitMs;
      if (waitedMs > patience.patienceMs) throw error;
      await wait(waitMs);
    }
  }
}

/** Lets time pass. For talking to nodes only: nothing that is computed depends on it. */
export function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** A function that runs at most `size` of what it is given at once, the others in the order they came. */
export function createGate(size: number): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (task) => {
    if (running >= size) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}

/** True for a node's words that ask for fewer requests, and not for a smaller one. */
export function isRateLimit(words: string): boolean {
  return /rate.?limit|too many requests|request rate|per second|compute units|capacity/i.test(words);
}

const BUSY_STATUSES = [429, 500, 502, 503];
const SLOW_STATUSES = [408, 504];
/** Limit exceeded, two providers' own codes for the same, internal error. */
const BUSY_CODES = [-32005, 429, -32007, -32603];

function mayPass(error: unknown, method: string): boolean {
  const forLogs = method === 'eth_getLogs';
  const cause = rootOf(error);
  if (cause instanceof TimeoutError) return !forLogs;
  if (cause instanceof HttpRequestError) {
    const { status } = cause;
    if (status === undefined || BUSY_STATUSES.includes(status)) return true;
    return SLOW_STATUSES.includes(status) && !forLogs;
  }
  if (!(cause instanceof RpcRequestError)) return false;
  if (isRateLimit(cause.details)) return true;
  return BUSY_CODES.includes(cause.code) && cause.data === undefined && !forLogs && !/revert/i.test(cause.details);
}

/** The request's own error inside of what viem makes of its code. */
function rootOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error instanceof RpcRequestError || error instanceof HttpRequestError || error instanceof TimeoutError)
    return error;
  return error.cause === undefined ? error : rootOf(error.cause);
}

/** Retry-After as a number of seconds; its other form, a date, would need a clock. */
function askedWaitMs(error: unknown): number {
  const cause = rootOf(error);
  const header = cause instanceof HttpRequestError ? cause.headers?.get('Retry-After') : undefined;
  return header !== undefined && header !== null && /^\d+$/.test(header) ? Number(header) * 1000 : 0;
}
