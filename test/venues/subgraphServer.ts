import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema, type ExecutionResult, GraphQLError, graphql } from 'graphql';
import type { Address, Hash } from 'viem';

/** What an indexer has: users in the order of their ids, the block that it answers for, and whether its index is whole. */
export interface Index {
  readonly users: readonly { readonly id: string; readonly owner: { readonly id: string } }[];
  readonly block: { readonly hash: Hash | null; readonly number: number };
  readonly hasIndexingErrors: boolean;
  /** Every page from the first on, whatever is asked. */
  readonly ignoresPages?: boolean;
}

/** The part of The Graph's query API that lists entities, with its limits and its words. */
const SCHEMA = buildSchema(`
  scalar Bytes
  input Block_height { hash: Bytes, number: Int, number_gte: Int }
  input User_filter { id_gt: ID }
  enum User_orderBy { id }
  enum OrderDirection { asc desc }
  type Account { id: ID! }
  type User { id: ID!, owner: Account! }
  type _Block_ { hash: Bytes, number: Int! }
  type _Meta_ { block: _Block_!, hasIndexingErrors: Boolean! }
  type Query {
    _meta(block: Block_height): _Meta_
    users(skip: Int = 0, first: Int = 100, orderBy: User_orderBy, orderDirection: OrderDirection, where: User_filter, block: Block_height): [User!]!
  }
`);

interface UsersArgs {
  readonly first: number;
  readonly skip: number;
  readonly where?: { readonly id_gt?: string };
}

/** A GraphQL server that executes queries by graphql-js over an index, within The Graph's limits. It counts the requests. */
export async function startSubgraph(index: () => Index) {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    void execute(request, index()).then((result) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/secret-key/subgraphs/name/aave`,
    requests: () => requests,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function execute(request: IncomingMessage, index: Index): Promise<ExecutionResult> {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, unknown> };
  const { block, hasIndexingErrors } = index;
  const rootValue = { _meta: { block, hasIndexingErrors }, users: (args: UsersArgs) => pageOf(index, args) };
  return graphql({ schema: SCHEMA, source: query, variableValues: variables, rootValue });
}

function pageOf({ users, ignoresPages }: Index, { first, skip, where }: UsersArgs) {
  if (first < 1 || first > 1000) {
    throw new GraphQLError(`The value of the \`first\` argument must be between 1 and 1000, but is ${first}`);
  }
  if (skip < 0 || skip > 5000) {
    throw new GraphQLError(`The value of the \`skip\` argument must be between 0 and 5000, but is ${skip}`);
  }
  if (ignoresPages === true) return users.slice(0, first);
  const after = where?.id_gt ?? '';
  return users.filter(({ id }) => id > after).slice(skip, skip + first);
}

/** Users in the order of ids, each an account of its own. */
export function usersOf(accounts: readonly Address[]): Index['users'] {
  const ids = accounts.map((account) => account.toLowerCase()).sort();
  return ids.map((id) => ({ id, owner: { id } }));
}
