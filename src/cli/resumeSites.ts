import { resume } from '../chain/resume.ts';
import { type PinnedSite, type PinnedSites, sortSites } from '../node/site.ts';
import type { ConnectedSite } from './connectDeployment.ts';

/** Who reads, in the name of the cursor's file: signers have their own. */
const READER = 'health';

/** The sites with what earlier commands learnt of their history, and what keeps it for the next one. */
export async function resumeSites(
  sites: PinnedSites,
  [first, ...others]: readonly [ConnectedSite, ...ConnectedSite[]],
): Promise<{ readonly sites: PinnedSites; save(): Promise<void> }> {
  const cursors = [first, ...sortSites(others)].map(({ store }) => store.cursorOf(READER));
  const resumed = await Promise.all(sites.map(async ({ chain }, i) => resume(chain, await cursors[i]?.load())));
  const known = sites.map((site, i): PinnedSite => ({ ...site, chain: resumed[i]?.chain ?? site.chain }));
  return {
    sites: known as unknown as PinnedSites,
    save: async () => {
      for (const [i, cursor] of cursors.entries()) {
        const reached = resumed[i]?.cursor();
        if (reached !== undefined) await cursor.save(reached);
      }
    },
  };
}
