/**
 * @file Assembles WebAssembly modules with one function over an imported memory. Only has the instructions that the kernels need.
 *
 * Instructions are written as expressions: an operation takes the code of its operands and appends itself, as the stack machine
 * requires. Encodings: WebAssembly Core Specification 2.0, section 5 (binary format).
 */

/** Encoded instructions. */
export type Code = readonly number[];

export type WasmType = "i32" | "f32" | "v128";

/** A function without results, exported under its name. Its memory is imported as `env.memory`. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly WasmType[];
  /** Locals after the parameters, initially zero, in runs of one type. */
  readonly locals: readonly { readonly count: number; readonly type: WasmType }[];
  readonly body: Code;
}

const typeCode = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const satisfies Record<WasmType, number>;
const functionType = 0x60;
const end = 0x0b;

/** Concatenates instructions. */
export function code(...parts: readonly Code[]): Code {
  return parts.flat();
}

export function localGet(index: number): Code {
  return [0x20, ...unsigned(index)];
}

export function localSet(index: number, value: Code): Code {
  return [...value, 0x21, ...unsigned(index)];
}

/** Sets a local and returns its value. */
export function localTee(index: number, value: Code): Code {
  return [...value, 0x22, ...unsigned(index)];
}

/** Runs `body`, and repeats it while `condition` is an i32 other than 0. */
export function loopWhile(body: Code, condition: Code): Code {
  const noResult = 0x40;
  const loop = 0x03;
  const branchIf = 0x0d;
  return [loop, noResult, ...body, ...condition, branchIf, ...unsigned(0), end];
}

export const i32 = {
  /** A constant from 0 to 63, which is its own signed LEB128 encoding. */
  const: (value: number): Code => {
    if (value < 0 || value > 63)
      throw new Error(`internal: i32.const ${value} is not encoded here`);
    return [0x41, value];
  },
  add: (a: Code, b: Code): Code => [...a, ...b, 0x6a],
  lessThanUnsigned: (a: Code, b: Code): Code => [...a, ...b, 0x49],
};

/** Alignment 2^4 bytes, no constant offset. */
const vectorAccess = [4, 0] as const;

export const v128 = {
  load: (address: Code): Code => [...address, ...simd(0x00), ...vectorAccess],
  store: (address: Code, value: Code): Code => [
    ...address,
    ...value,
    ...simd(0x0b),
    ...vectorAccess,
  ],
};

/** Four float32 lanes. */
export const f32x4 = {
  splat: (value: Code): Code => [...value, ...simd(0x13)],
  sqrt: (a: Code): Code => [...a, ...simd(0xe3)],
  add: (a: Code, b: Code): Code => [...a, ...b, ...simd(0xe4)],
  sub: (a: Code, b: Code): Code => [...a, ...b, ...simd(0xe5)],
  mul: (a: Code, b: Code): Code => [...a, ...b, ...simd(0xe6)],
  div: (a: Code, b: Code): Code => [...a, ...b, ...simd(0xe7)],
};

/** The module's binary. */
export function wasmModule({ name, parameters, locals, body }: WasmFunction): Uint8Array {
  const memory = [0x02, 0x00, ...unsigned(1)]; // a memory, without maximum, of at least one page
  const localRuns = locals.map(({ count, type }) => [...unsigned(count), typeCode[type]]);
  const functionCode = [...vector(localRuns), ...body, end];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d], // "\0asm"
    ...[0x01, 0x00, 0x00, 0x00], // version 1
    ...section(1, [
      [functionType, ...vector(parameters.map((type) => [typeCode[type]])), ...vector([])],
    ]),
    ...section(2, [[...text("env"), ...text("memory"), ...memory]]),
    ...section(3, [unsigned(0)]), // function 0 has type 0
    ...section(7, [[...text(name), 0x00, ...unsigned(0)]]), // export function 0
    ...section(10, [[...unsigned(functionCode.length), ...functionCode]]),
  ]);
}

function section(id: number, entries: readonly Code[]): Code {
  const content = vector(entries);
  return [id, ...unsigned(content.length), ...content];
}

function vector(entries: readonly Code[]): Code {
  return [...unsigned(entries.length), ...entries.flat()];
}

function text(value: string): Code {
  return vector([...new TextEncoder().encode(value)].map((byte) => [byte]));
}

function simd(opcode: number): Code {
  return [0xfd, ...unsigned(opcode)];
}

/** LEB128: seven bits per byte, lowest first. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}
