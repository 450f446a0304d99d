/**
 * @file The safetensors format for float32 tensors on little-endian machines: header length (8 bytes), JSON header padded with spaces
 * to a multiple of 8, numbers. Source: https://huggingface.co/docs/safetensors
 */
import type { Shape } from "../autodiff/ops.ts";
import { elements } from "../base/element-count.ts";
import {
  lengthBytes,
  metadataKey,
  notSafetensors,
  parseSafetensorsHeader,
} from "./safetensors-header.ts";

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

/**
 * Decodes a file.
 *
 * @param whose - The file's path, for errors
 * @returns Tensors in storage order
 * @throws FlowError `INPUT_INVALID` unless this is a complete file of float32 tensors
 */
export function decodeSafetensors(bytes: Uint8Array, whose: string): Safetensors {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < lengthBytes) throw notSafetensors(whose, `${file.length} bytes`);
  const dataStart = lengthBytes + Number(file.readBigUInt64LE());
  if (dataStart > file.length) {
    throw notSafetensors(whose, `the header ends after the file (${file.length} bytes)`);
  }
  const { entries, metadata } = parseSafetensorsHeader(
    file.toString("utf8", lengthBytes, dataStart),
    {
      whose,
      dataBytes: file.length - dataStart,
      typeBytes: { F32: Float32Array.BYTES_PER_ELEMENT },
      otherType: "is not a float32 tensor",
    },
  );
  const tensors = entries.map(({ name, shape, start, end }): NamedTensor => {
    const values = new Float32Array(elements(shape));
    bytesOf(values).set(file.subarray(dataStart + start, dataStart + end));
    return { name, shape, values };
  });
  return { tensors, metadata };
}

/** A view of the numbers' bytes. */
export function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
