/** Scenarios or draws that are summed side by side: a tile of the table. */
@inline export const TILE: usize = 18;
