import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a broken node answers to every request: a status and a body, or nothing at all. */
export type Answer = { readonly status: number; readonly body: string } | 'silence';

/** A server that is no node: it gives every request the same answer. */
export async function startHttpNode(answer: Answer) {
  const server = createServer((_, response) => {
    if (answer === 'silence') return;
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
