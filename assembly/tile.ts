/** Scenarios or draws that are summed side by side: a tile of the table. */
@inline export const TILE: usize = 18;

/** What an account loses in the columns of a tile, to the scratch: its mark − what it is worth there. For jobs that begin as SUM in src/engine/kernel/layout.ts. */
@inline export function lossesOfTile(job: usize, account: usize, tile: usize): void {
  const starts: usize = (load<u32>(job, 8) as usize) + (account << 2);
  const rows: usize = load<u32>(job, 12);
  const amounts: usize = load<u32>(job, 16);
  const stride: usize = (load<u32>(job, 4) as usize) << 3;
  const table: usize = (load<u32>(job, 44) as usize) + (tile << 3);
  const scratch: usize = load<u32>(job, 36);
  const mark = load<f64>((load<u32>(job, 24) as usize) + (account << 3));
  const end: usize = load<u32>(starts, 4);
  let at: usize = load<u32>(starts);
  if (ASC_FEATURE_SIMD) {
    let s0 = f64x2.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    let s5 = s0;
    let s6 = s0;
    let s7 = s0;
    let s8 = s0;
    for (; at < end; at++) {
      const row: usize = (load<u32>(rows + (at << 2)) as usize) * stride + table;
      const amount = v128.load64_splat(amounts + (at << 3));
      s0 = f64x2.add(s0, f64x2.mul(amount, v128.load(row)));
      s1 = f64x2.add(s1, f64x2.mul(amount, v128.load(row, 16)));
      s2 = f64x2.add(s2, f64x2.mul(amount, v128.load(row, 32)));
      s3 = f64x2.add(s3, f64x2.mul(amount, v128.load(row, 48)));
      s4 = f64x2.add(s4, f64x2.mul(amount, v128.load(row, 64)));
      s5 = f64x2.add(s5, f64x2.mul(amount, v128.load(row, 80)));
      s6 = f64x2.add(s6, f64x2.mul(amount, v128.load(row, 96)));
      s7 = f64x2.add(s7, f64x2.mul(amount, v128.load(row, 112)));
      s8 = f64x2.add(s8, f64x2.mul(amount, v128.load(row, 128)));
    }
    const today = f64x2.splat(mark);
    v128.store(scratch, f64x2.sub(today, s0));
    v128.store(scratch, f64x2.sub(today, s1), 16);
    v128.store(scratch, f64x2.sub(today, s2), 32);
    v128.store(scratch, f64x2.sub(today, s3), 48);
    v128.store(scratch, f64x2.sub(today, s4), 64);
    v128.store(scratch, f64x2.sub(today, s5), 80);
    v128.store(scratch, f64x2.sub(today, s6), 96);
    v128.store(scratch, f64x2.sub(today, s7), 112);
    v128.store(scratch, f64x2.sub(today, s8), 128);
  } else {
    const first = at;
    for (let column: usize = 0; column < TILE << 3; column += 8) {
      let total: f64 = 0;
      for (at = first; at < end; at++) {
        const row: usize = (load<u32>(rows + (at << 2)) as usize) * stride + table;
        total += load<f64>(amounts + (at << 3)) * load<f64>(row + column);
      }
      store<f64>(scratch + column, mark - total);
    }
  }
}
