import { aaveV3Kind } from './aaveV3.ts';
import { compoundV2Kind } from './compoundV2.ts';
import { compoundV3Kind } from './compoundV3.ts';
import { deriveV2Kind } from './deriveV2.ts';
import { eulerV2Kind } from './eulerV2.ts';
import { gmxV2Kind } from './gmxV2.ts';
import type { VenueKind } from './kind.ts';
import { lyraKind } from './lyra.ts';
import { morphoBlueKind } from './morphoBlue.ts';
import { panopticKind } from './panoptic.ts';
import { perpV2Kind } from './perpV2.ts';
import { uniswapV3Kind } from './uniswapV3.ts';
import { walletKind } from './wallet.ts';

/** Every kind of venue that can be read, by name. A new protocol is one file and one line here: docs/adding-a-venue.md. */
export const KINDS: readonly VenueKind[] = [
  aaveV3Kind,
  compoundV2Kind,
  compoundV3Kind,
  eulerV2Kind,
  gmxV2Kind,
  deriveV2Kind,
  lyraKind,
  morphoBlueKind,
  panopticKind,
  perpV2Kind,
  uniswapV3Kind,
  walletKind,
];
