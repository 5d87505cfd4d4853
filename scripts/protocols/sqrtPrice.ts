/** The root of a price, a ratio of smallest units of token 1 to token 0, in Uniswap's fixed point of 96 bits. */
export function sqrtPriceX96(numerator: bigint, denominator: bigint): bigint {
  const square = (numerator << 192n) / denominator;
  let root = 1n << 160n;
  for (let next = (root + square / root) >> 1n; next < root; next = (root + square / root) >> 1n) root = next;
  return root;
}
