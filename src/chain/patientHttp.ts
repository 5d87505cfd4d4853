import { HttpRequestError, type HttpTransport, http, ResponseBodyTooLargeError } from 'viem';
import { createGate, withPatience } from './patience.ts';

export interface PatientHttpOptions {
  /** How long one try may take, its body included. */
  readonly timeoutMs: number;
  /** What the waits between the tries of one request may add up to. */
  readonly patienceMs: number;
}

/** How many requests of one connection are on their way at once. */
const MAX_IN_FLIGHT = 8;
const MAX_BODY_BYTES = 32 * 2 ** 20;

/** JSON-RPC over HTTP that bears with a busy node, within bounds: see {@link withPatience}. */
export function patientHttp(url: string, { timeoutMs, patienceMs }: PatientHttpOptions): HttpTransport {
  const plain = http(url, {
    timeout: timeoutMs,
    retryCount: 0,
    fetchFn: fetchWhole,
    maxResponseBodySize: MAX_BODY_BYTES,
  });
  const gate = createGate(MAX_IN_FLIGHT);
  return (parameters) => {
    const transport = plain({ ...parameters, retryCount: 0 });
    const request = (args: { readonly method: string }, options: unknown) =>
      withPatience(() => gate(() => transport.request(args as never, options as never)), {
        method: args.method,
        patienceMs,
      });
    return { ...transport, request: request as typeof transport.request };
  };
}

/** Fetches with the body, so that the timeout holds for a node that stops in the middle of an answer. */
async function fetchWhole(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init);
  const body = await bodyOf(response);
  const { status, statusText, headers } = response;
  if (status === 429 || status === 503) {
    throw new HttpRequestError({ status, headers, details: body.slice(0, 500) || statusText, url: String(input) });
  }
  return new Response(body, { status, statusText, headers });
}

async function bodyOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const bytes of body ?? []) {
    size += bytes.byteLength;
    if (size > MAX_BODY_BYTES) throw new ResponseBodyTooLargeError({ maxSize: MAX_BODY_BYTES, size });
    text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}
