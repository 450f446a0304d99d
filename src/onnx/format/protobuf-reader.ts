/** @file Reads the part of the protobuf wire format that ONNX files use, from memory or piecewise from a file. */
import { readSync } from "node:fs";

/** A field of a message: a number, or the location of its bytes. */
export type ProtobufField =
  | { readonly field: number; readonly kind: "integer"; readonly value: bigint }
  | {
      readonly field: number;
      readonly kind: "bytes" | "fixed";
      /** Range of the field's bytes, without tag and length. */
      readonly start: number;
      readonly end: number;
    };

/** Bytes with random access. */
export interface ByteSource {
  readonly size: number;
  /** The bytes from `start` up to `end`; may be a view, which later reads do not change. */
  readonly bytes: (start: number, end: number) => Uint8Array;
}

const windowBytes = 64 * 1024;

/** Reads an open file in pieces, on demand. */
export function fileSource(fd: number, size: number): ByteSource {
  let window: Uint8Array = new Uint8Array(0);
  let windowStart = 0;
  return {
    size,
    bytes: (start, end) => {
      if (start < windowStart || end > windowStart + window.length) {
        window = readAt(fd, start, Math.min(size, Math.max(end, start + windowBytes)));
        windowStart = start;
      }
      return window.subarray(start - windowStart, end - windowStart);
    },
  };
}

function readAt(fd: number, start: number, end: number): Uint8Array {
  const bytes = new Uint8Array(end - start);
  for (let done = 0; done < bytes.length;) {
    const read = readSync(fd, bytes, done, bytes.length - done, start + done);
    if (read === 0) throw new Error("the file ends early");
    done += read;
  }
  return bytes;
}

/** Bytes in memory. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, bytes: (start, end) => bytes.subarray(start, end) };
}

/**
 * The fields of the message between two offsets, in order.
 *
 * @throws Error if the bytes are not a protobuf message
 */
export function* protobufFields(
  source: ByteSource,
  start = 0,
  end = source.size,
): Generator<ProtobufField> {
  let at = start;
  const varint = (): bigint => {
    const head = source.bytes(at, Math.min(end, at + 10));
    let value = 0n;
    for (const [index, byte] of head.entries()) {
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) {
        at += index + 1;
        return value;
      }
    }
    throw new Error(`not a protobuf message: byte ${at}`);
  };
  while (at < end) {
    const tag = Number(varint());
    const field = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        yield { field, kind: "integer", value: BigInt.asIntN(64, varint()) };
        break;
      case 1:
        yield { field, kind: "fixed", start: at, end: (at += 8) };
        break;
      case 2: {
        const length = Number(varint());
        yield { field, kind: "bytes", start: at, end: (at += length) };
        break;
      }
      case 5:
        yield { field, kind: "fixed", start: at, end: (at += 4) };
        break;
      default:
        throw new Error(`not a protobuf message: byte ${at}`);
    }
    if (at > end) throw new Error("the message ends early");
  }
}
