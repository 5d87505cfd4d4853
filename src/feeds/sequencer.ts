import type { SequencerConfig } from '../chain/deployment.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import { SourceError } from '../errors.ts';
import { aggregatorV3Abi } from '../venues/abi/chainlink.ts';

const UP = 0n;
const DOWN = 1n;

/**
 * On a rollup: that the sequencer is up at the pinned block, and has been for longer than the grace period. While it is down feeds stand
 * still and few can act; right after, prices jump before people could. Source: Chainlink's L2 Sequencer Uptime Feed: answer 0 up, 1 down;
 * startedAt is when that began, 0 where the feed has no round yet; past the grace period is `>`, as in Chainlink's example.
 *
 * @throws {SequencerUnknownError} {@link SequencerDownError} {@link SequencerGraceError}
 */
export async function requireSequencerUp(
  chain: PinnedChain,
  { feed: address, graceSeconds }: SequencerConfig,
): Promise<void> {
  const [round] = await chain.readEach([{ address, abi: aggregatorV3Abi, functionName: 'latestRoundData' }]);
  if (round instanceof CallFailedError) throw new SequencerUnknownError('it reverts', round);
  const [, answer, startedAt] = round as readonly bigint[] as readonly [bigint, bigint, bigint];
  if (startedAt === 0n) throw new SequencerUnknownError('it has no round (startedAt 0)');
  if (answer === DOWN) throw new SequencerDownError(Number(startedAt));
  if (answer !== UP) throw new SequencerUnknownError(`it answers ${answer}, neither 0 (up) nor 1 (down)`);
  const upSeconds = chain.block.timestamp - Number(startedAt);
  if (upSeconds <= graceSeconds) throw new SequencerGraceError({ upSeconds, graceSeconds });
}

/** A rollup whose sequencer is down: its prices stand still. */
export class SequencerDownError extends SourceError {
  readonly code = 'SequencerDownError';
  /** Unix seconds. */
  readonly since: number;

  constructor(since: number) {
    super(`The chain's sequencer is down since ${since} (unix seconds): no price is read. Wait until it is up again.`);
    this.since = since;
  }
}

/** A rollup whose sequencer came back too short a time ago. */
export class SequencerGraceError extends SourceError {
  readonly code = 'SequencerGraceError';
  readonly upSeconds: number;
  readonly graceSeconds: number;

  constructor({ upSeconds, graceSeconds }: { readonly upSeconds: number; readonly graceSeconds: number }) {
    super(
      `The chain's sequencer is up for ${upSeconds} s, prices are read after more than ${graceSeconds} s. Wait, or change sequencer.graceSeconds of the deployment.`,
    );
    this.upSeconds = upSeconds;
    this.graceSeconds = graceSeconds;
  }
}

/** An uptime feed that does not say whether the sequencer is up. */
export class SequencerUnknownError extends SourceError {
  readonly code = 'SequencerUnknownError';

  constructor(reason: string, cause?: unknown) {
    super(
      `The sequencer's uptime feed does not say whether it is up: ${reason}. Wait for the feed, or correct sequencer.feed of the deployment.`,
      { cause },
    );
  }
}
