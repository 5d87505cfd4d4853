import type { Address } from 'viem';
import { connect, rpcError } from '../../src/chain/connect.ts';
import { revertOf } from '../../src/post/revert.ts';
import type { LocalChain } from '../chain.ts';
import type { Crossmargin } from '../crossmargin.ts';
import type { World } from '../protocols/world.ts';

/** What came of an account's wish to borrow from the example consumer. */
export interface LoanOutcome {
  readonly account: Address;
  readonly lent: boolean;
  /** The consumer's own error with its values, where it refused. */
  readonly refusal: string | null;
}

const CREDIT = 1_000n * 10n ** 18n;
const LOAN = 100n * 10n ** 18n;

/** The owner funds the example consumer and gives every account the same credit limit: only health is left to decide. */
export async function underwrite(
  { world, crossmargin }: { readonly world: World; readonly crossmargin: Crossmargin },
  accounts: readonly Address[],
): Promise<void> {
  const { gatedLender } = crossmargin;
  await world.tokens.DAI.contract.write('mint', [gatedLender.address, CREDIT * BigInt(accounts.length)]);
  for (const account of accounts) await gatedLender.write('setCreditLimit', [account, CREDIT]);
}

/** Asks for a loan of 100 DAI in each account's name: an `eth_call`, so that nothing changes and contracts can ask too. */
export async function tryToBorrow(
  chain: LocalChain,
  {
    gatedLender,
    accounts,
  }: { readonly gatedLender: Crossmargin['gatedLender']; readonly accounts: readonly Address[] },
): Promise<readonly LoanOutcome[]> {
  const own = await connect({ url: chain.url });
  return Promise.all(
    accounts.map(async (account) => {
      try {
        const { address, abi } = gatedLender;
        await own.client.simulateContract({ address, abi, functionName: 'borrow', args: [LOAN], account });
        return { account, lent: true, refusal: null };
      } catch (error) {
        const revert = revertOf(error);
        if (revert === undefined) throw rpcError(own, { what: 'GatedLender.borrow', error });
        return { account, lent: false, refusal: `${revert.errorName}(${revert.args.join(', ')})` };
      }
    }),
  );
}
