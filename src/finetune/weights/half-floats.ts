/** @file 16-bit floats. */

/** The value of every IEEE 754 half-precision number, by its 16 bits. */
const halves = Float32Array.from({ length: 1 << 16 }, (_, bits) => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  const significand = exponent === 0 ? fraction : fraction + 0x400;
  return sign * significand * 2 ** (Math.max(exponent, 1) - 25);
});

/** The value of the half-precision number at a byte, little-endian. */
export function halfAt(bytes: Uint8Array, at: number): number {
  return halves[(bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)] ?? 0;
}

/** Widens half-precision numbers. */
export function widenHalves(bytes: Uint8Array, out: Float32Array, at: number): void {
  const numbers = shortsOf(bytes);
  for (let index = 0; index < numbers.length; index++) {
    out[at + index] = halves[numbers[index] ?? 0] ?? 0;
  }
}

/** Widens bfloat16 numbers: the upper halves of float32. */
export function widenBrainFloats(bytes: Uint8Array, out: Float32Array, at: number): void {
  const numbers = shortsOf(bytes);
  const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
  for (let index = 0; index < numbers.length; index++) {
    bits[at + index] = (numbers[index] ?? 0) << 16;
  }
}

/** Copies float32 numbers. */
export function copyFloats(bytes: Uint8Array, out: Float32Array, at: number): void {
  const start = out.byteOffset + at * out.BYTES_PER_ELEMENT;
  new Uint8Array(out.buffer, start, bytes.length).set(bytes);
}

function shortsOf({ buffer, byteOffset, byteLength }: Uint8Array): Uint16Array {
  return new Uint16Array(buffer, byteOffset, byteLength / Uint16Array.BYTES_PER_ELEMENT);
}
