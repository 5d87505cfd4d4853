import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RecordedError } from './multicall.ts';

/** One JSON-RPC request. */
export interface RpcRequest {
  readonly method: string;
  readonly params: readonly unknown[];
}

export type RpcAnswer = { readonly result: unknown } | { readonly error: RecordedError };

/** A JSON-RPC server over HTTP on a free port that answers by a function. */
export async function startRpcServer(answer: (request: RpcRequest) => RpcAnswer | Promise<RpcAnswer>) {
  const server = createServer((request, response) => {
    void respond(request, answer).then(
      (text) => response.writeHead(200, { 'content-type': 'application/json' }).end(text),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function respond(
  request: IncomingMessage,
  answer: (request: RpcRequest) => RpcAnswer | Promise<RpcAnswer>,
): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as RpcRequest & { readonly id: number };
  const { method, params = [] } = body;
  return JSON.stringify({ jsonrpc: '2.0', id: body.id, ...(await answer({ method, params })) });
}
