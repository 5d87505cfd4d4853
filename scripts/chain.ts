import hre from 'hardhat';
import {
  type Chain,
  createPublicClient,
  createTestClient,
  createWalletClient,
  defineChain,
  type Hex,
  type HttpTransport,
  http,
  type PublicClient,
  type TestClient,
  toHex,
  type WalletClient,
} from 'viem';
import { type HDAccount, hdKeyToAccount, mnemonicToAccount } from 'viem/accounts';
import { ScriptError } from './scriptError.ts';

/** The mnemonic of every development chain. Public: never fund these accounts anywhere else. */
export const DEV_MNEMONIC = 'test test test test test test test test test test test junk';
/** How many accounts of {@link DEV_MNEMONIC} hold ether and are unlocked on the node. */
export const DEV_ACCOUNTS = 64;
/** The id of a development chain, unless another is chosen. */
export const LOCAL_CHAIN_ID = 31_337;
const HISTORY_MS = 3 * 86_400_000;
const DEV_BALANCE_WEI = String(10n ** 24n);

/** A development chain that runs in this process and answers JSON-RPC on 127.0.0.1. */
export interface LocalChain {
  readonly url: string;
  readonly chain: Chain;
  readonly publicClient: PublicClient<HttpTransport, Chain>;
  readonly testClient: TestClient<'hardhat', HttpTransport, Chain>;
  /** The account at `index` of the mnemonic, with its key: it signs without the node. */
  account(index: number): HDAccount;
  /** A client that signs with {@link account} and sends what it signed. */
  wallet(index: number): WalletClient<HttpTransport, Chain, HDAccount>;
  /** Closes the server and its sockets. Nothing of the chain remains. */
  stop(): Promise<void>;
}

export interface ChainOptions {
  /** Absent: 31337. */
  readonly chainId?: number;
  /** Absent or 0: a free one. */
  readonly port?: number;
  /** The time of the first block; the clock runs on from there. Absent: now. */
  readonly startAt?: Date;
}

/**
 * Starts a Hardhat node in this process, with a JSON-RPC server bound to 127.0.0.1.
 * Blocks are mined as transactions arrive. They may share a second, so that a thousand of them do not run ahead of the clock.
 */
export async function startChain({
  chainId = LOCAL_CHAIN_ID,
  port = 0,
  startAt,
}: ChainOptions = {}): Promise<LocalChain> {
  const account = accounts();
  const override = {
    chainId,
    allowBlocksWithSameTimestamp: true,
    accounts: Array.from({ length: DEV_ACCOUNTS }, (_, index) => fund(account(index))),
    ...(startAt === undefined ? {} : { initialDate: startAt }),
  };
  const server = await hre.network.createServer({ network: 'local', override }, '127.0.0.1', port);
  const { port: bound } = await server.listen();
  return { ...connect(`http://127.0.0.1:${bound}`, chainId), stop: () => server.close() };
}

/** A chain that starts three days ago: what is opened on it first owes interest once `openAccounts` has caught up with the clock. */
export function startPastChain(options: Pick<ChainOptions, 'chainId' | 'port'> = {}): Promise<LocalChain> {
  return startChain({ ...options, startAt: new Date(Date.now() - HISTORY_MS) });
}

/** The clients and accounts of a development chain that runs already, here or in another process. */
export function connect(url: string, chainId = LOCAL_CHAIN_ID): Omit<LocalChain, 'stop'> {
  const chain = defineChain({
    id: chainId,
    name: 'local',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  });
  const transport = http(url, { retryCount: 0, timeout: 60_000 });
  const account = accounts();
  return {
    url,
    chain,
    publicClient: createPublicClient({ chain, transport, pollingInterval: 50, cacheTime: 0 }),
    testClient: createTestClient({ chain, transport, mode: 'hardhat' }),
    account,
    wallet: (index) => createWalletClient({ account: account(index), chain, transport }),
  };
}

/** By key and not by mnemonic: the node would stretch the mnemonic again for every account. */
function fund(account: HDAccount): { readonly privateKey: Hex; readonly balance: string } {
  const key = account.getHdKey().privateKey;
  if (key === null) throw new ScriptError(`No private key of ${account.address}.`);
  return { privateKey: toHex(key), balance: DEV_BALANCE_WEI };
}

/** Stretches the mnemonic once (2,048 rounds of PBKDF2) and derives each account when it is first asked for. */
function accounts(): (index: number) => HDAccount {
  const parent = mnemonicToAccount(DEV_MNEMONIC, { path: "m/44'/60'/0'/0" }).getHdKey();
  const known = new Map<number, HDAccount>();
  return (index) => {
    const account = known.get(index) ?? hdKeyToAccount(parent, { path: `m/${index}` as "m/44'/60'/0'/0/0" });
    known.set(index, account);
    return account;
  };
}
