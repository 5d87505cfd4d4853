import type { SourceOf } from '../../chain/sourceConfig.ts';
import { scaled } from '../../units/decimal.ts';
import { morphoOracleAbi } from '../../venues/abi/morphoBlue.ts';
import { requirePositive, requireTokenOf } from '../checks.ts';
import { CERTAIN, type SourceReader } from '../source.ts';

/**
 * What the oracle of a Morpho market says: loan raw per collateral raw · 1e36, so units of loan per unit of collateral =
 * price / 10^(36 + loan decimals − collateral decimals). It states neither time nor confidence. Source: IOracle.price.
 */
export const morpho: SourceReader<SourceOf<'morpho'>> = {
  tokens: ({ collateralToken, loanToken }) => [collateralToken, loanToken],
  calls: ({ source: { oracle: address } }) => [{ address, abi: morphoOracleAbi, functionName: 'price' }],
  read: ([answer], question) => {
    const { collateralToken, loanToken, of } = question.source;
    requireTokenOf(loanToken, question);
    const decimals = 36 + question.decimalsOf(loanToken) - question.decimalsOf(collateralToken);
    return {
      price: scaled(requirePositive(answer as bigint, question), decimals),
      of,
      confidence: CERTAIN,
      asOf: null,
    };
  },
};
