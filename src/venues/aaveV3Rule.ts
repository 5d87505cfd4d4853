import type { Address } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import { MarginError } from '../errors.ts';
import { revisionAbi } from './abi/aaveV3.ts';

/** `halfUp`: to the nearest. `directional`: against the account, supply Down and debt Up. */
export type AaveRounding = 'halfUp' | 'directional';

/** What differs between the versions of Aave's Pool, as far as a balance, the account data or a liquidation depend on it. */
export interface AaveRule {
  readonly version: '3.0' | '3.5' | '3.6' | '3.7';
  /** Of balances and of values in base currency, and where the health factor divides. */
  readonly rounding: AaveRounding;
  /** Which polynomial compounds the debt. */
  readonly interest: 'binomial' | 'exponential';
  /** An asset names its one category, or a category names its assets. */
  readonly eModeOf: 'asset' | 'category';
  /** Whether an asset whose own threshold is 0 is collateral all the same, which only a category then makes count. */
  readonly isCollateralAtThresholdZero: boolean;
  /** Where the debt is smaller than this in base currency, one liquidation may close all of it. */
  readonly closesWholeBelowBase: bigint;
}

const DIRECTIONAL = { rounding: 'directional', interest: 'exponential', eModeOf: 'category' } as const;
/**
 * MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD is 2,000 of base currency, 8 decimals: a position in one reserve that is smaller is closed
 * whole, so one call closes at most max(half of all debt, 2,000): half from 4,000 on. A rule stands for every scenario, so it is taken
 * from the tenfold on: the debt may lose nine tenths of its value before half is less than what the venue closes.
 */
const WHOLE_BELOW_BASE = 40_000n * 10n ** 8n;

/**
 * By POOL_REVISION. Source: @aave/core-v3 1.19.3 (1), @aave-dao/aave-v3-origin 3.6.0 (10), and for 9 and 11 the published source
 * and changelog of aave-dao/aave-v3-origin: 3.5 has the arithmetic of 3.6 but the older condition on the threshold; 3.7 changes
 * borrowing and the seizure's last unit. Not known for certain, and so not here: 2 to 8, between 3.0.2 and 3.5 (7 is two versions).
 */
const POOL_RULES: ReadonlyMap<bigint, AaveRule> = new Map([
  [
    1n,
    {
      version: '3.0',
      rounding: 'halfUp',
      interest: 'binomial',
      eModeOf: 'asset',
      isCollateralAtThresholdZero: false,
      closesWholeBelowBase: 0n,
    },
  ],
  [9n, { version: '3.5', ...DIRECTIONAL, isCollateralAtThresholdZero: false, closesWholeBelowBase: WHOLE_BELOW_BASE }],
  [10n, { version: '3.6', ...DIRECTIONAL, isCollateralAtThresholdZero: true, closesWholeBelowBase: WHOLE_BELOW_BASE }],
  [11n, { version: '3.7', ...DIRECTIONAL, isCollateralAtThresholdZero: true, closesWholeBelowBase: WHOLE_BELOW_BASE }],
]);

/** Of `balanceOf`, by ATOKEN_REVISION or DEBT_TOKEN_REVISION: 1 is 3.0, 4 and 5 are 3.5 and 3.6, of the debt in GHO 5 and 6. */
const TOKEN_ROUNDINGS: ReadonlyMap<bigint, AaveRounding> = new Map([
  [1n, 'halfUp'],
  [4n, 'directional'],
  [5n, 'directional'],
  [6n, 'directional'],
]);

/** What a reserve's two tokens round like, or why that is not known. */
export interface AaveTokenRoundings {
  readonly supply: AaveRounding | UnknownAaveRevisionError;
  readonly debt: AaveRounding | UnknownAaveRevisionError;
}

/** The rules that hold at the block, or why one is not known: whoever has something there meets the error, and nobody else. */
export interface AaveRules {
  readonly pool: AaveRule | UnknownAaveRevisionError;
  /** In the order of the reserves. */
  readonly tokens: readonly AaveTokenRoundings[];
}

/** Whose rules are asked for. */
export interface AaveRulesQuery {
  readonly pool: Address;
  readonly reserves: readonly { readonly aTokenAddress: Address; readonly variableDebtTokenAddress: Address }[];
}

/** Asks pool and tokens which revision they are: each is behind a proxy of its own and may be replaced in any block. */
export async function readAaveRules(chain: PinnedChain, { pool, reserves }: AaveRulesQuery): Promise<AaveRules> {
  const questions = [
    { address: pool, functionName: 'POOL_REVISION' },
    ...reserves.flatMap(({ aTokenAddress, variableDebtTokenAddress }) => [
      { address: aTokenAddress, functionName: 'ATOKEN_REVISION' },
      { address: variableDebtTokenAddress, functionName: 'DEBT_TOKEN_REVISION' },
    ]),
  ];
  const answers = await chain.readEach(questions.map((question) => ({ ...question, abi: revisionAbi })));
  const ruleOf = <T>(rules: ReadonlyMap<bigint, T>, index: number): T | UnknownAaveRevisionError => {
    const answer = answers[index];
    const revision = answer instanceof CallFailedError ? null : (answer as bigint);
    const { address, functionName } = questions[index] as (typeof questions)[number];
    const rule = revision === null ? undefined : rules.get(revision);
    return rule ?? new UnknownAaveRevisionError({ contract: address, constant: functionName, revision });
  };
  return {
    pool: ruleOf(POOL_RULES, 0),
    tokens: reserves.map((_, i) => ({
      supply: ruleOf(TOKEN_ROUNDINGS, 2 * i + 1),
      debt: ruleOf(TOKEN_ROUNDINGS, 2 * i + 2),
    })),
  };
}

/** @throws {UnknownAaveRevisionError} where it is none. */
export function requireRule<T>(rule: T | UnknownAaveRevisionError): T {
  if (rule instanceof UnknownAaveRevisionError) throw rule;
  return rule;
}

/** A contract of Aave V3 whose revision follows a rule that we do not know for certain. */
export class UnknownAaveRevisionError extends MarginError {
  readonly code = 'UnknownAaveRevisionError';
  readonly contract: Address;
  /** The getter that was asked. */
  readonly constant: string;
  /** Null where the contract has no such getter. */
  readonly revision: bigint | null;

  constructor(fields: { readonly contract: Address; readonly constant: string; readonly revision: bigint | null }) {
    const said = fields.revision === null ? `has no ${fields.constant}` : `has ${fields.constant} ${fields.revision}`;
    super(
      `${fields.contract} ${said}, and how that version of Aave V3 rounds is not known. Known are the pools 1 (V3.0.2), 9 (V3.5), 10 (V3.6) and 11 (V3.7), with their tokens: do not report who has something there until the adapter knows it.`,
    );
    this.contract = fields.contract;
    this.constant = fields.constant;
    this.revision = fields.revision;
  }
}
