import { readFile } from 'node:fs/promises';
import { compiledKernel } from '../engine/kernel/compiled.ts';
import type { Kernel, KernelName } from '../engine/kernel/kernel.ts';
import { plainKernel } from '../engine/kernel/plain.ts';

/** Compiled by `npm run build:kernel`, packed with the library: the same place seen from the source and from what is built of it. */
const FILES = { simd: '../../dist/kernel.simd.wasm', wasm: '../../dist/kernel.wasm' } as const;

/** The fastest kernel that this machine runs. All give the same bits, so that a missing file costs time and nothing else. */
export async function bestKernel(): Promise<Kernel> {
  return (await readKernel('simd')) ?? (await readKernel('wasm')) ?? plainKernel;
}

/** One kernel by its name; undefined where it is not built, or this machine cannot run it. */
export async function readKernel(name: KernelName): Promise<Kernel | undefined> {
  if (name === 'typescript') return plainKernel;
  const bytes = await readFile(new URL(FILES[name], import.meta.url)).catch(() => undefined);
  return bytes === undefined ? undefined : compiledKernel(name, bytes);
}
