/**
 * @file The GGUF format, version 3, for float32 tensors on little-endian machines: magic, version, counts, metadata, directory of
 * tensors, and from the next multiple of the alignment on the numbers of each tensor, padded to it.
 * Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import { bytesOf, type NamedTensor } from "../../optim/safetensors.ts";

/** One field of a file's metadata. */
export type GgufField = readonly [
  key: string,
  value:
    | { readonly type: "string"; readonly value: string }
    | { readonly type: "uint32"; readonly value: number }
    | { readonly type: "float32"; readonly value: number },
];

const version = 3;
const alignment = 32;
const float32Tensor = 0;
const typeIds = { uint32: 4, float32: 6, string: 8 } as const;

/**
 * Encodes a file. Keeps the order of fields and tensors; names must be unique. The alignment is added to the fields.
 *
 * @param tensors - Row-major, rows first; the file names the sizes the other way round, as the format wants it
 */
export function encodeGguf(
  fields: readonly GgufField[],
  tensors: readonly NamedTensor[],
): Uint8Array {
  const all: readonly GgufField[] = [
    ...fields,
    ["general.alignment", { type: "uint32", value: alignment }],
  ];
  const directory: Buffer[] = [];
  const data: Uint8Array[] = [];
  let offset = 0;
  for (const { name, shape, values } of tensors) {
    const sizes = shape.toReversed().map(uint64);
    directory.push(text(name), uint32(shape.length), ...sizes, uint32(float32Tensor));
    directory.push(uint64(offset));
    const padding = paddingAfter(values.byteLength);
    data.push(bytesOf(values), Buffer.alloc(padding));
    offset += values.byteLength + padding;
  }
  const head = Buffer.concat([
    ...[Buffer.from("GGUF"), uint32(version), uint64(tensors.length), uint64(all.length)],
    ...all.map(encodeField),
    ...directory,
  ]);
  return Buffer.concat([head, Buffer.alloc(paddingAfter(head.length)), ...data]);
}

function encodeField([key, field]: GgufField): Buffer {
  return Buffer.concat([text(key), uint32(typeIds[field.type]), encodeValue(field)]);
}

function encodeValue(field: GgufField[1]): Buffer {
  if (field.type === "string") return text(field.value);
  if (field.type === "uint32") return uint32(field.value);
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(field.value);
  return bytes;
}

/** A string with its length in bytes before it. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function paddingAfter(bytes: number): number {
  return (alignment - (bytes % alignment)) % alignment;
}
