import { type Address, type Hex, toFunctionSelector, zeroAddress } from 'viem';
import type { Created } from '../../scripts/deployment/contracts.ts';
import type { FreeCall, OwnName, Parameters } from '../../scripts/deployment/parameters.ts';

/** For a free call that any argument makes free: `PledgeGuard.ANY_ARGUMENT`. */
const ANY_ARGUMENT = 255;

/** What names in a free call stand for: contracts as Ignition's futures or as addresses. */
export interface FreeCallSources<Contract> {
  readonly parts: Readonly<Record<Created, Contract>>;
  readonly parameters: Parameters;
}

/** Target, selector, index of the argument and its value, as `PledgeGuard.setFreeCall` takes them: what lists a call and what verifies the list read them here. */
export function freeCallArguments<Contract>(
  { target, function: signature, argument, value }: FreeCall,
  { parts, parameters }: FreeCallSources<Contract>,
): [target: Contract | Address, selector: Hex, argument: number, value: Contract | Address] {
  const own: Readonly<Record<OwnName, Contract | Address>> = {
    MarginOracle: parts.oracle,
    CollateralLedger: parts.ledger,
    LiquidationAuction: parts.auction,
    CreditPool: parts.pool,
    SettlementToken: parameters.settlementToken,
  };
  const resolve = (name: OwnName | Address) => own[name as OwnName] ?? (name as Address);
  return [
    resolve(target),
    toFunctionSelector(signature),
    argument ?? ANY_ARGUMENT,
    value === undefined || value === 'self' ? zeroAddress : resolve(value),
  ];
}
