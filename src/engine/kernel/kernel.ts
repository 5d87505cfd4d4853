/** How the kernel is computed: plain TypeScript, or WebAssembly without or with SIMD. All three give the same bits. */
export type KernelName = 'typescript' | 'wasm' | 'simd';

/** Something that computes tables: see docs/decisions/0006-kernel.md. */
export interface Kernel {
  readonly name: KernelName;
  /** Fresh memory of its own, with nothing in it. */
  readonly open: () => KernelSpace;
}

/** A kernel's memory and what it computes in it. Jobs are words of 32 bits in that memory; pointers are bytes: layout.ts. */
export interface KernelSpace {
  /** Below it are the kernel's own constants. A multiple of 16. */
  readonly freeFrom: number;
  /** Grows the memory to this many bytes: earlier views of it are then dead. */
  readonly grow: (bytes: number) => void;
  readonly buffer: () => ArrayBuffer;
  readonly price: (job: number) => void;
  readonly worst: (job: number) => void;
  readonly balances: (job: number) => void;
  readonly priceDraws: (job: number) => void;
  readonly addLosses: (job: number) => void;
  readonly measureTails: (job: number) => void;
}
