import type { CorrelationParameters } from './families.ts';

/**
 * Stressed correlations of daily log returns: the 1 % quantile over all windows of 90 days since 2020, of each pair of nine assets.
 * docs/model.md gives the file, the assets and the whole distribution.
 */
export const correlation: CorrelationParameters = { others: 0.23, pairs: { 'BTC/ETH': 0.66 } };
