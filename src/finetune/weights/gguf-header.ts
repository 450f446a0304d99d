/** @file The beginning of a GGUF file: metadata and the places of the tensors. Source: ggml's docs/gguf.md, versions 2 and 3. */
import type { Shape } from "../../autodiff/ops.ts";
import { FlowError } from "../../base/errors.ts";
import { ggufCursor, type GgufCursor, type NumberType } from "./gguf-cursor.ts";

export type GgufValue = number | boolean | string | readonly GgufValue[];

export type GgufMetadata = ReadonlyMap<string, GgufValue>;

/** A tensor as the file lists it. */
export interface GgufTensorEntry {
  readonly name: string;
  /** Outermost first, unlike in the file. */
  readonly shape: Shape;
  /** ggml's number of the type. */
  readonly type: number;
  /** From the beginning of the numbers, bytes. */
  readonly offset: number;
}

export interface GgufHeader {
  readonly metadata: GgufMetadata;
  readonly tensors: readonly GgufTensorEntry[];
  /** Where the numbers begin, bytes. */
  readonly dataStart: number;
}

const magic = 0x46554747;
const defaultAlignment = 32;
const mostDimensions = 4;
const numberTypes: Readonly<Record<number, NumberType>> = {
  ...{ 0: "uint8", 1: "int8", 2: "uint16", 3: "int16", 4: "uint32", 5: "int32" },
  ...{ 6: "float32", 10: "uint64", 11: "int64", 12: "float64" },
};
const booleanType = 7;
const textType = 8;
const arrayType = 9;

/**
 * Reads a header.
 *
 * @param bytes - The beginning of the file
 * @param file - Its path, for errors
 * @throws `BytesMissing` where the header goes on after `bytes`; FlowError `INPUT_INVALID` for anything but a GGUF file
 */
export function parseGgufHeader(bytes: Buffer, file: string): GgufHeader {
  const cursor = ggufCursor(bytes);
  if (cursor.number("uint32") !== magic) throw invalid(file, "it is not a GGUF file");
  const version = cursor.number("uint32");
  if (version !== 2 && version !== 3) {
    throw invalid(file, `GGUF version ${version} cannot be read, only 2 and 3: convert it anew`);
  }
  const tensorCount = cursor.count();
  const entryCount = cursor.count();
  const metadata = new Map<string, GgufValue>();
  for (let index = 0; index < entryCount; index++) {
    const key = cursor.text();
    metadata.set(key, readValue(cursor, cursor.number("uint32"), `${file}: ${key}`));
  }
  const tensors: GgufTensorEntry[] = [];
  for (let index = 0; index < tensorCount; index++) tensors.push(readTensor(cursor, file));
  const alignment = metadata.get("general.alignment") ?? defaultAlignment;
  if (typeof alignment !== "number" || !(alignment > 0)) {
    throw invalid(file, "general.alignment is not a size");
  }
  const dataStart = Math.ceil(cursor.position() / alignment) * alignment;
  return { metadata, tensors, dataStart };
}

function readTensor(cursor: GgufCursor, file: string): GgufTensorEntry {
  const name = cursor.text();
  const dimensions = cursor.number("uint32");
  if (dimensions > mostDimensions) {
    throw invalid(file, `tensor "${name}" has ${dimensions} dimensions, more than ggml can have`);
  }
  const sizes = Array.from({ length: dimensions }, () => cursor.count());
  return {
    ...{ name, shape: sizes.reverse() },
    type: cursor.number("uint32"),
    offset: cursor.count(),
  };
}

function readValue(cursor: GgufCursor, type: number, whose: string): GgufValue {
  const numberType = numberTypes[type];
  if (numberType !== undefined) return cursor.number(numberType);
  if (type === booleanType) return cursor.number("uint8") !== 0;
  if (type === textType) return cursor.text();
  if (type !== arrayType) throw invalid(whose, `a value of the unknown type ${type}`);
  const itemType = cursor.number("uint32");
  const items: GgufValue[] = [];
  for (let left = cursor.count(); left > 0; left--) {
    items.push(readValue(cursor, itemType, whose));
  }
  return items;
}

function invalid(whose: string, why: string): FlowError {
  return new FlowError("INPUT_INVALID", `${whose}: ${why}`);
}
