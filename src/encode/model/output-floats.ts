import type { Tensor } from "onnxruntime-node";

/** The numbers of an output as float32, from the float formats that models give; null for other types. */
export function outputFloats({ type, data }: Pick<Tensor, "type" | "data">): Float32Array | null {
  if (data instanceof Float32Array) return data;
  if (data instanceof Float64Array) return Float32Array.from(data);
  if (type !== "float16") return null;
  // Runtimes give the bits or, where they have such a type, numbers.
  if (data instanceof Uint16Array) return Float32Array.from(data, float16);
  return Float32Array.from(data as ArrayLike<unknown>, Number);
}

/** The number of 16 bits in IEEE 754 half precision. */
function float16(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
