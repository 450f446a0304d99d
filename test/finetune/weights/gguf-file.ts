/** @file GGUF files made by hand, independently of what reads them. */
import { writeFile } from "node:fs/promises";

/** A value of metadata with its type. */
export type Typed =
  | { readonly type: keyof typeof scalars; readonly value: number | bigint | boolean | string }
  | {
      readonly type: "array";
      readonly of: keyof typeof scalars;
      readonly value: readonly (number | bigint | boolean | string)[];
    };

export interface TensorToWrite {
  readonly name: string;
  /** Innermost first, as in the file. */
  readonly sizes: readonly number[];
  /** ggml's number of the type; 0 is F32. */
  readonly type: number;
  readonly bytes: Uint8Array;
}

const scalars = {
  ...{ uint8: 0, int8: 1, uint16: 2, int16: 3, uint32: 4, int32: 5, float32: 6 },
  ...{ bool: 7, string: 8, uint64: 10, int64: 11, float64: 12 },
};

/** A float32 tensor of the given shape, outermost first. */
export function floats(
  name: string,
  shape: readonly number[],
  values: readonly number[] | Float32Array,
): TensorToWrite {
  const bytes = new Uint8Array(Float32Array.from(values).buffer);
  return { name, sizes: [...shape].reverse(), type: 0, bytes };
}

export const text = (value: string): Typed => ({ type: "string", value });
export const uint = (value: number): Typed => ({ type: "uint32", value });
export const float = (value: number): Typed => ({ type: "float32", value });
export const texts = (value: readonly string[]): Typed => ({ type: "array", of: "string", value });
export const ints = (value: readonly number[]): Typed => ({ type: "array", of: "int32", value });

export interface GgufToWrite {
  readonly metadata?: Readonly<Record<string, Typed>>;
  readonly tensors?: readonly TensorToWrite[];
  readonly version?: number;
  /** Changes the place of a tensor from what it is. */
  readonly shift?: (name: string, offset: number) => number;
}

/** The bytes of a file. */
export function ggufBytes({
  metadata = {},
  tensors = [],
  version = 3,
  shift = (_, offset) => offset,
}: GgufToWrite): Buffer {
  const parts: Buffer[] = [Buffer.from("GGUF"), scalar("uint32", version)];
  parts.push(scalar("uint64", tensors.length), scalar("uint64", Object.keys(metadata).length));
  for (const [key, typed] of Object.entries(metadata)) {
    parts.push(scalar("string", key));
    if (typed.type === "array") {
      parts.push(scalar("uint32", 9), scalar("uint32", scalars[typed.of]));
      parts.push(scalar("uint64", typed.value.length));
      parts.push(...typed.value.map((value) => scalar(typed.of, value)));
    } else parts.push(scalar("uint32", scalars[typed.type]), scalar(typed.type, typed.value));
  }
  let offset = 0;
  for (const { name, sizes, type, bytes } of tensors) {
    parts.push(scalar("string", name), scalar("uint32", sizes.length));
    parts.push(...sizes.map((size) => scalar("uint64", size)));
    parts.push(scalar("uint32", type), scalar("uint64", shift(name, offset)));
    offset += aligned(bytes.length);
  }
  const header = Buffer.concat(parts);
  const data = tensors.map(({ bytes }) => padded(bytes));
  return Buffer.concat([padded(header), ...data]);
}

export async function writeGguf(file: string, gguf: GgufToWrite): Promise<string> {
  await writeFile(file, ggufBytes(gguf));
  return file;
}

const aligned = (length: number): number => Math.ceil(length / 32) * 32;

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes], aligned(bytes.length));
}

function scalar(type: keyof typeof scalars, value: number | bigint | boolean | string): Buffer {
  if (type === "string") {
    const bytes = Buffer.from(String(value));
    return Buffer.concat([scalar("uint64", bytes.length), bytes]);
  }
  const view = new DataView(new ArrayBuffer(8));
  const number = Number(value);
  const widths: Record<Exclude<typeof type, "string">, () => number> = {
    uint8: () => (view.setUint8(0, number), 1),
    int8: () => (view.setInt8(0, number), 1),
    bool: () => (view.setUint8(0, number), 1),
    uint16: () => (view.setUint16(0, number, true), 2),
    int16: () => (view.setInt16(0, number, true), 2),
    uint32: () => (view.setUint32(0, number, true), 4),
    int32: () => (view.setInt32(0, number, true), 4),
    float32: () => (view.setFloat32(0, number, true), 4),
    uint64: () => (view.setBigUint64(0, BigInt(value), true), 8),
    int64: () => (view.setBigInt64(0, BigInt(value), true), 8),
    float64: () => (view.setFloat64(0, number, true), 8),
  };
  const width = widths[type]();
  return Buffer.from(view.buffer, 0, width);
}
