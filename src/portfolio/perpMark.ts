/** The key of a venue's own mark of a perpetual in `market.perps`, for instance `gmxV2:ETH`: two venues may mark one underlying differently. */
export function venueMarkKey(venue: string, underlying: string): string {
  return `${venue}:${underlying}`;
}

/** What an entry of `market.perps` is on: the asset of its key, behind the venue where it is a venue's own mark. */
export function assetOfMark(key: string, assets: Readonly<Record<string, unknown>>): string {
  return Object.hasOwn(assets, key) ? key : key.slice(key.indexOf(':') + 1);
}

/** The mark of a perpetual: its own venue's where the market has that, else the one of the underlying. */
export function markOf<Quote>(
  perps: Readonly<Record<string, Quote>>,
  { venue, underlying }: { readonly venue: string; readonly underlying: string },
): Quote | undefined {
  const own = venueMarkKey(venue, underlying);
  if (Object.hasOwn(perps, own)) return perps[own];
  return Object.hasOwn(perps, underlying) ? perps[underlying] : undefined;
}
