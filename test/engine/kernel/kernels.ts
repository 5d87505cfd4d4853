import type { Kernel } from '../../../src/engine/kernel/kernel.ts';
import { readKernel } from '../../../src/node/kernel.ts';

/** The compiled kernels. A test that compares them must not pass because they are not there. */
export async function compiledKernels(): Promise<readonly Kernel[]> {
  return Promise.all((['wasm', 'simd'] as const).map(requireKernel));
}

async function requireKernel(name: 'wasm' | 'simd'): Promise<Kernel> {
  const kernel = await readKernel(name);
  if (kernel === undefined)
    throw new TypeError(`dist has no ${name} kernel that runs here. Run \`npm run build:kernel\`.`);
  return kernel;
}
