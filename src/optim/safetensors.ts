/**
 * @file The safetensors format for float32 tensors on little-endian machines: header length (8 bytes), JSON header padded with spaces
 * to a multiple of 8, numbers. Source: https://huggingface.co/docs/safetensors
 */
import { z } from "zod";
import { FlowError } from "../base/errors.ts";
import type { Shape } from "../autodiff/ops.ts";
import { elements } from "../base/element-count.ts";

/** A tensor in row-major order. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: Shape;
  readonly values: Float32Array;
}

/** Content of a file. */
export interface Safetensors {
  readonly tensors: readonly NamedTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

const lengthBytes = 8;
const metadataKey = "__metadata__";

/** What the header says of a tensor. */
export interface StoredTensor {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: keyof typeof elementBytes;
}

/** Bytes of one number. */
export const elementBytes = { F32: 4, BF16: 2 } as const;

/** Encodes a file. Keeps the order of the tensors; names must be unique. */
export function encodeSafetensors({ tensors, metadata }: Safetensors): Uint8Array {
  const stored = tensors.map(({ name, shape }) => ({ name, shape, dtype: "F32" }) as const);
  return Buffer.concat([
    encodeHeader(stored, metadata),
    ...tensors.map(({ values }) => bytesOf(values)),
  ]);
}

/** The bytes of a file before the numbers of its first tensor; the tensors follow in their order, without gaps. */
export function encodeHeader(
  tensors: readonly StoredTensor[],
  metadata: Safetensors["metadata"],
): Uint8Array {
  const entries: [string, unknown][] = [[metadataKey, metadata]];
  let dataBytes = 0;
  for (const { name, shape, dtype } of tensors) {
    const end = dataBytes + elements(shape) * elementBytes[dtype];
    entries.push([name, { dtype, shape, data_offsets: [dataBytes, end] }]);
    dataBytes = end;
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const headerBytes = Math.ceil(json.length / lengthBytes) * lengthBytes;
  const header = Buffer.alloc(lengthBytes + headerBytes, " ");
  header.writeBigUInt64LE(BigInt(headerBytes));
  json.copy(header, lengthBytes);
  return header;
}

const headerSchema = z.looseObject({
  [metadataKey]: z.record(z.string(), z.string()).default({}),
});

const tensorSchema = z.object({
  dtype: z.literal("F32"),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});

/**
 * Decodes a file.
 *
 * @param whose - The file's path, for errors
 * @returns Tensors in storage order
 * @throws FlowError `INPUT_INVALID` unless this is a complete file of float32 tensors
 */
export function decodeSafetensors(bytes: Uint8Array, whose: string): Safetensors {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const invalid = (why: string, cause?: unknown): FlowError =>
    new FlowError("INPUT_INVALID", `${whose}: not a complete safetensors file: ${why}`, { cause });
  if (file.length < lengthBytes) throw invalid(`${file.length} bytes`);
  const dataStart = lengthBytes + Number(file.readBigUInt64LE());
  if (dataStart > file.length)
    throw invalid(`the header ends after the file (${file.length} bytes)`);
  const header = headerSchema.safeParse(jsonOf(file.toString("utf8", lengthBytes, dataStart)));
  if (!header.success) throw invalid("the header cannot be read", header.error);
  const { [metadataKey]: metadata, ...entries } = header.data;
  const tensors = Object.entries(entries)
    .map(([name, value]) => {
      const entry = tensorSchema.safeParse(value);
      if (!entry.success) throw invalid(`"${name}" is not a float32 tensor`, entry.error);
      return { name, ...entry.data };
    })
    .sort((a, b) => a.data_offsets[0] - b.data_offsets[0]);
  let at = 0;
  const read = tensors.map(({ name, shape, data_offsets: [start, end] }): NamedTensor => {
    const size = elements(shape) * Float32Array.BYTES_PER_ELEMENT;
    if (start !== at || end - start !== size || dataStart + end > file.length) {
      throw invalid(`"${name}" is at bytes ${start} to ${end} of ${file.length - dataStart}`);
    }
    at = end;
    const values = new Float32Array(elements(shape));
    bytesOf(values).set(file.subarray(dataStart + start, dataStart + end));
    return { name, shape, values };
  });
  if (dataStart + at !== file.length) throw invalid("the file continues after the last tensor");
  return { tensors: read, metadata };
}

/** A view of the numbers' bytes. */
export function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
