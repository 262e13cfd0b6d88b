const pageBytes = 65536;

interface WebAssemblyMemory {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: true }) => {
    readonly buffer: SharedArrayBuffer;
  };
}

/**
 * Zeroed memory that starts on a page, as O_DIRECT demands; a plain Buffer promises no alignment. Shared, so that threads
 * digest it while requests fill other parts of it.
 */
export function allocateAligned(bytes: number): Uint8Array<SharedArrayBuffer> {
  const pages = Math.max(1, Math.ceil(bytes / pageBytes));
  // TypeScript knows WebAssembly only from the browser's library.
  const { Memory } = (globalThis as unknown as { WebAssembly: WebAssemblyMemory }).WebAssembly;
  const { buffer } = new Memory({ initial: pages, maximum: pages, shared: true });
  return new Uint8Array(buffer, 0, bytes);
}
