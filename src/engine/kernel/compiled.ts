import type { Kernel, KernelName, KernelSpace } from './kernel.ts';

const PAGE_BYTES = 65_536;

/** What is used of the global `WebAssembly`, which the language's own library does not declare. */
interface WebAssemblyApi {
  readonly validate: (bytes: Uint8Array) => boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: { readonly initial: number }) => LinearMemory;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}

declare const WebAssembly: WebAssemblyApi;

interface LinearMemory {
  readonly buffer: ArrayBuffer;
  readonly grow: (pages: number) => number;
}

/** What the compiled kernel exports: assembly/kernel.ts. */
interface Exports extends Omit<KernelSpace, 'freeFrom' | 'grow' | 'buffer'> {
  readonly freeFrom: () => number;
}

/**
 * The kernel from the bytes of its WebAssembly, which the caller reads from wherever they are: the engine opens no file. Undefined where this machine
 * cannot run them (no SIMD): take another one, the bits are the same. Synchronous: the module is 11 kB.
 */
export function compiledKernel(name: Exclude<KernelName, 'typescript'>, bytes: Uint8Array): Kernel | undefined {
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(bytes)) return undefined;
  const module = new WebAssembly.Module(bytes);
  return { name, open: () => openSpace(WebAssembly, module) };
}

function openSpace(api: WebAssemblyApi, module: object): KernelSpace {
  const memory = new api.Memory({ initial: 1 });
  const { exports } = new api.Instance(module, { env: { memory } });
  const { freeFrom, price, worst, balances, priceDraws, addLosses, measureTails } = exports as Exports;
  return {
    freeFrom: Math.floor((freeFrom() + 15) / 16) * 16,
    grow: (bytes) => {
      const missing = bytes - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.floor((missing + PAGE_BYTES - 1) / PAGE_BYTES));
    },
    buffer: () => memory.buffer,
    price,
    worst,
    balances,
    priceDraws,
    addLosses,
    measureTails,
  };
}
