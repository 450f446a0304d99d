/** @file The messages that ONNX files are made of. Field numbers are those of onnx.proto. */
import { elements } from "../../base/element-count.ts";
import { messageWriter, type MessageWriter } from "./protobuf-writer.ts";

/** Element type of a tensor. */
export type OnnxType = "float32" | "float16" | "int32" | "int64" | "int8" | "uint8";

/** A tensor's shape; a string names a size that is only known at run time. */
export type OnnxShape = readonly (number | string)[];

/** Values of an initializer, row-major; float16 as bits. Plain numbers are converted to the type, except to float16. */
export type OnnxData =
  | Float32Array
  | Uint16Array
  | Int32Array
  | BigInt64Array
  | Int8Array
  | Uint8Array
  | readonly number[];

/** Values in a file next to the model, row-major and little-endian. */
export interface ExternalData {
  /** Name of the file. */
  readonly location: string;
  readonly offset: number;
}

/** A node's attribute: a number is an `int`, `{ float }` a `float`, an array `ints`. */
export type OnnxAttribute = number | { readonly float: number } | string | readonly number[];

/** Where an operator is defined; "" is ONNX itself. */
export type OnnxDomain = "" | "com.microsoft";

/** Each type's number in `TensorProto.DataType`. */
export const elementType = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  float16: 10,
} as const satisfies Record<OnnxType, number>;
const elementBytes = {
  float32: 4,
  float16: 2,
  uint8: 1,
  int8: 1,
  int32: 4,
  int64: 8,
} as const satisfies Record<OnnxType, number>;
const attributeType = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** A named input or output with its type and shape. */
export function valueInfo(name: string, type: OnnxType, shape: OnnxShape): MessageWriter {
  const sizes = messageWriter();
  for (const size of shape) {
    const dimension = messageWriter();
    sizes.message(
      1,
      typeof size === "number" ? dimension.integer(1, size) : dimension.text(2, size),
    );
  }
  const tensorType = messageWriter().integer(1, elementType[type]).message(2, sizes);
  return messageWriter().text(1, name).message(2, messageWriter().message(1, tensorType));
}

/** A constant with its values. */
export function tensor(
  name: string,
  type: OnnxType,
  shape: readonly number[],
  data: OnnxData,
): MessageWriter {
  const expected = elements(shape);
  if (data.length !== expected) {
    throw new Error(
      `internal: ONNX initializer "${name}" of shape [${shape.join(", ")}] needs ${expected} values, got ${data.length}`,
    );
  }
  const message = messageWriter();
  for (const size of shape) message.integer(1, size);
  return message.integer(2, elementType[type]).text(8, name).bytes(9, rawData(type, data));
}

/** A constant whose values are in a file next to the model (`data_location` EXTERNAL). */
export function externalTensor(
  name: string,
  type: OnnxType,
  shape: readonly number[],
  data: ExternalData,
): MessageWriter {
  const length = elements(shape) * elementBytes[type];
  return storedTensor({ name, type: elementType[type], shape }, { ...data, length });
}

/** {@link externalTensor} of any `TensorProto.DataType` and length in bytes. */
export function storedTensor(
  {
    name,
    type,
    shape,
  }: { readonly name: string; readonly type: number; readonly shape: readonly number[] },
  { location, offset, length }: ExternalData & { readonly length: number },
): MessageWriter {
  const message = messageWriter();
  for (const size of shape) message.integer(1, size);
  message.integer(2, type).text(8, name);
  for (const [key, value] of Object.entries({ location, offset, length })) {
    message.message(13, messageWriter().text(1, key).text(2, String(value)));
  }
  return message.integer(14, 1);
}

/** The values as ONNX stores them: little-endian, as on every platform of onnxruntime-node. */
function rawData(type: OnnxType, data: OnnxData): Uint8Array {
  const typed = typedData(type, data);
  return new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength);
}

function typedData(type: OnnxType, data: OnnxData): Exclude<OnnxData, readonly number[]> {
  switch (type) {
    case "int8":
      return data instanceof Int8Array ? data : Int8Array.from(numbers(data));
    case "uint8":
      return data instanceof Uint8Array ? data : Uint8Array.from(numbers(data));
    case "float16":
      if (data instanceof Uint16Array) return data;
      throw new Error("internal: expected float16 values as a Uint16Array of their bits");
    case "float32":
      return data instanceof Float32Array ? data : Float32Array.from(numbers(data));
    case "int32":
      return data instanceof Int32Array ? data : Int32Array.from(numbers(data));
    case "int64":
      return data instanceof BigInt64Array ? data : BigInt64Array.from(numbers(data), BigInt);
    default:
      throw new Error(`internal: unknown ONNX type ${String(type satisfies never)}`);
  }
}

function numbers(data: OnnxData): ArrayLike<number> {
  return data instanceof BigInt64Array ? Array.from(data, Number) : data;
}

/** An operator; an empty name omits an optional input or output. */
export function nodeMessage(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, OnnxAttribute>> = {},
  domain: OnnxDomain = "",
): MessageWriter {
  const node = messageWriter();
  for (const input of inputs) node.text(1, input);
  for (const output of outputs) node.text(2, output);
  node.text(4, opType);
  for (const [name, value] of Object.entries(attributes)) node.message(5, attribute(name, value));
  if (domain !== "") node.text(7, domain);
  return node;
}

function attribute(name: string, value: OnnxAttribute): MessageWriter {
  const message = messageWriter().text(1, name);
  if (typeof value === "number") return message.integer(3, value).integer(20, attributeType.int);
  if (typeof value === "string") return message.text(4, value).integer(20, attributeType.string);
  if ("float" in value) return message.float(2, value.float).integer(20, attributeType.float);
  for (const item of value) message.integer(8, item);
  return message.integer(20, attributeType.ints);
}
