import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A JSON-RPC request as it came. */
export interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What a proxy does with a request: let the node answer, or one of the ways in which nodes fail. */
export type Fault =
  | 'pass'
  | 'silence'
  | 'reset'
  | 'truncated'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | { readonly error: { readonly code: number; readonly message: string } }
  | { readonly result: unknown };

/** A server in front of a real node that fails as its rule says. `calls` is what was asked, in order. */
export async function startProxyNode(target: string, rule: (call: Call) => Fault | Promise<Fault>) {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    void answer({ request, response }).catch(() => response.destroy());
  });
  const answer = async ({ request, response }: { request: IncomingMessage; response: ServerResponse }) => {
    const body = await textOf(request);
    const call = JSON.parse(body) as Call;
    calls.push(call);
    const fault = await rule(call);
    if (fault === 'silence') return;
    if (fault === 'reset') return void request.socket.destroy();
    const json = (content: string, status = 200, headers = {}) =>
      void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(content);
    if (fault !== 'pass' && fault !== 'truncated') {
      if ('status' in fault) return json(fault.body ?? '{}', fault.status, fault.headers);
      return json(JSON.stringify({ jsonrpc: '2.0', id: call.id, ...fault }));
    }
    const real = await fetch(target, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const text = await real.text();
    return json(fault === 'truncated' ? text.slice(0, -5) : text);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/secret-key`,
    calls,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A rule that fails the first `times` calls of a method and then lets the node answer. */
export function failFirst(times: number, method: string, fault: Fault): (call: Call) => Fault {
  let left = times;
  return (call) => (call.method === method && left-- > 0 ? fault : 'pass');
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
