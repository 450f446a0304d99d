/** @file Reads the structure of an ONNX file without loading its weights. Field numbers are those of onnx.proto. */
import { closeSync, fstatSync, openSync } from "node:fs";
import path from "node:path";
import { fileSource, memorySource, protobufFields, type ByteSource } from "./protobuf-reader.ts";

/** A constant and the location of its values. */
export interface StoredTensor {
  readonly name: string;
  /** `TensorProto.DataType`: 1 float32, 3 int8, 7 int64, 10 float16 … */
  readonly type: number;
  readonly shape: readonly number[];
  /** Location of the values, row-major and little-endian; null if the message stores them in a typed field. */
  readonly values: {
    /** Absolute path. */
    readonly file: string;
    readonly offset: number;
    /** Null: to the end of the file. */
    readonly bytes: number | null;
    readonly isExternal: boolean;
  } | null;
  /** Bytes of its message in the model file, for copying. */
  readonly place: { readonly start: number; readonly end: number };
}

/** An operator of a model. */
export interface StoredNode {
  readonly opType: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Attributes that are single integers. */
  readonly integers: ReadonlyMap<string, number>;
  /** The attribute that is a constant with values in another file; null if there is none. */
  readonly external: StoredTensor | null;
  /** The stored message, for copying. */
  readonly message: Uint8Array;
}

/** A field that is copied unread. */
export interface OpaqueField {
  readonly field: number;
  readonly value: bigint | Uint8Array;
}

/** An ONNX model without the values of its constants. */
export interface StoredModel {
  readonly nodes: readonly StoredNode[];
  readonly initializers: readonly StoredTensor[];
  /** Operator set version by domain; "" is ONNX itself. */
  readonly opsets: ReadonlyMap<string, number>;
  /** Names of the outputs. */
  readonly outputs: readonly string[];
  /** Fields of the graph that are neither nodes nor initializers, such as inputs and outputs. */
  readonly graphRest: readonly OpaqueField[];
  /** Fields of the model other than graph and operator set versions. */
  readonly modelRest: readonly OpaqueField[];
}

/**
 * Reads a model file. Weights are never read: time and memory grow with the number of operators only.
 *
 * @param file - Absolute path
 * @throws Error if the file is not an ONNX model
 */
export function readOnnxModel(file: string): StoredModel {
  const fd = openSync(file, "r");
  try {
    return readModel(fileSource(fd, fstatSync(fd).size), file);
  } finally {
    closeSync(fd);
  }
}

const text = new TextDecoder();

function readModel(source: ByteSource, file: string): StoredModel {
  const opsets = new Map<string, number>();
  const nodes: StoredNode[] = [];
  const initializers: StoredTensor[] = [];
  const outputs: string[] = [];
  const graphRest: OpaqueField[] = [];
  const modelRest: OpaqueField[] = [];
  for (const part of protobufFields(source)) {
    if (part.kind === "bytes" && part.field === 7) {
      for (const inner of protobufFields(source, part.start, part.end)) {
        if (inner.kind === "bytes" && inner.field === 1) {
          nodes.push(readNode(source.bytes(inner.start, inner.end).slice(), file));
        } else if (inner.kind === "bytes" && inner.field === 5) {
          initializers.push(readTensor(source, inner.start, inner.end, file));
        } else {
          graphRest.push(opaque(source, inner));
          if (inner.kind === "bytes" && inner.field === 12) {
            outputs.push(nameOf(source.bytes(inner.start, inner.end)));
          }
        }
      }
    } else if (part.kind === "bytes" && part.field === 8) {
      let domain = "";
      let version = 0;
      for (const inner of protobufFields(source, part.start, part.end)) {
        if (inner.kind === "bytes") domain = text.decode(source.bytes(inner.start, inner.end));
        if (inner.kind === "integer") version = Number(inner.value);
      }
      opsets.set(domain, version);
    } else modelRest.push(opaque(source, part));
  }
  if (nodes.length === 0) throw new Error("the model has no operators");
  return { nodes, initializers, opsets, outputs, graphRest, modelRest };
}

function opaque(
  source: ByteSource,
  part: ReturnType<typeof protobufFields> extends Generator<infer Field> ? Field : never,
): OpaqueField {
  return {
    field: part.field,
    value: part.kind === "integer" ? part.value : source.bytes(part.start, part.end).slice(),
  };
}

/** The first field of a `ValueInfoProto`. */
function nameOf(message: Uint8Array): string {
  for (const part of protobufFields(memorySource(message))) {
    if (part.kind === "bytes" && part.field === 1) {
      return text.decode(message.subarray(part.start, part.end));
    }
  }
  return "";
}

function readNode(message: Uint8Array, file: string): StoredNode {
  const found = { 1: [] as string[], 2: [] as string[], 4: "", 7: "" };
  const integers = new Map<string, number>();
  let external: StoredTensor | null = null;
  for (const part of protobufFields(memorySource(message))) {
    if (part.kind !== "bytes") continue;
    const value = (): string => text.decode(message.subarray(part.start, part.end));
    if (part.field === 1 || part.field === 2) found[part.field].push(value());
    else if (part.field === 4 || part.field === 7) found[part.field] = value();
    else if (part.field === 5) {
      let name = "";
      for (const inner of protobufFields(memorySource(message), part.start, part.end)) {
        if (inner.field === 1 && inner.kind === "bytes") {
          name = text.decode(message.subarray(inner.start, inner.end));
        } else if (inner.field === 3 && inner.kind === "integer") {
          integers.set(name, Number(inner.value));
        } else if (inner.field === 5 && inner.kind === "bytes") {
          const tensor = readTensor(memorySource(message), inner.start, inner.end, file);
          if (tensor.values?.isExternal === true) external = tensor;
        }
      }
    }
  }
  const [inputs, outputs, opType, domain] = [found[1], found[2], found[4], found[7]];
  return {
    external,
    inputs,
    outputs,
    opType,
    domain: domain === "ai.onnx" ? "" : domain,
    integers,
    message,
  };
}

function readTensor(source: ByteSource, start: number, end: number, file: string): StoredTensor {
  let name = "";
  let type = 0;
  let isExternal = false;
  const shape: number[] = [];
  const external = new Map<string, string>();
  let raw: { readonly offset: number; readonly bytes: number } | null = null;
  for (const part of protobufFields(source, start, end)) {
    if (part.kind === "integer") {
      if (part.field === 1) shape.push(Number(part.value));
      else if (part.field === 2) type = Number(part.value);
      else if (part.field === 14) isExternal = part.value === 1n;
    } else if (part.field === 1) {
      for (const size of packedIntegers(source.bytes(part.start, part.end))) shape.push(size);
    } else if (part.field === 8) name = text.decode(source.bytes(part.start, part.end));
    else if (part.field === 9) raw = { offset: part.start, bytes: part.end - part.start };
    else if (part.field === 13) {
      const [key, value] = readPair(source.bytes(part.start, part.end).slice());
      external.set(key, value);
    }
  }
  const place = { start, end };
  if (!isExternal) {
    const values = raw && { file, ...raw, isExternal };
    return { name, type, shape, values, place };
  }
  const length = external.get("length");
  return {
    ...{ name, type, shape, place },
    values: {
      file: path.resolve(path.dirname(file), external.get("location") ?? ""),
      offset: Number(external.get("offset") ?? 0),
      bytes: length === undefined ? null : Number(length),
      isExternal,
    },
  };
}

/** Varints of a packed repeated field. */
function* packedIntegers(bytes: Uint8Array): Generator<number> {
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte < 0x80) {
      yield value;
      value = 0;
      scale = 1;
    }
  }
}

/** A `StringStringEntryProto`. */
function readPair(message: Uint8Array): readonly [key: string, value: string] {
  const pair = ["", ""] as [string, string];
  for (const part of protobufFields(memorySource(message))) {
    if (part.kind === "bytes" && (part.field === 1 || part.field === 2)) {
      pair[part.field - 1] = text.decode(message.subarray(part.start, part.end));
    }
  }
  return pair;
}
