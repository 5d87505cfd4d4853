import type { SourceConfig, SourceOf } from '../../chain/sourceConfig.ts';
import type { SourceReader } from '../source.ts';
import { aave } from './aave.ts';
import { chainlink } from './chainlink.ts';
import { file } from './file.ts';
import { morpho } from './morpho.ts';
import { pyth } from './pyth.ts';
import { rate } from './rate.ts';

/** Every kind of source there is. */
const READERS: { readonly [K in SourceConfig['kind']]: SourceReader<SourceOf<K>> } = {
  chainlink,
  pyth,
  aave,
  morpho,
  rate,
  file,
};

/** How a source is read. */
export function readerOf({ kind }: SourceConfig): SourceReader<SourceConfig> {
  return READERS[kind] as SourceReader<SourceConfig>;
}
