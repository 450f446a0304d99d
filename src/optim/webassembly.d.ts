/** The part of WebAssembly's JavaScript API that is used here. Node has it, but TypeScript only declares it with the DOM. */
declare namespace WebAssembly {
  class Memory {
    /** `initial` in pages of 64 KiB. */
    constructor(descriptor: { readonly initial: number });
    readonly buffer: ArrayBuffer;
  }
  class Module {
    constructor(bytes: Uint8Array);
    readonly [Symbol.toStringTag]: "WebAssembly.Module";
  }
  class Instance {
    constructor(
      module: Module,
      imports: Readonly<Record<string, Readonly<Record<string, Memory>>>>,
    );
    readonly exports: Readonly<Record<string, ((...values: number[]) => void) | undefined>>;
  }
  /** Whether this machine's engine accepts the module. */
  function validate(bytes: Uint8Array): boolean;
}
