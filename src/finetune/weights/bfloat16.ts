/** float32 to bfloat16, rounded to the nearest, ties to even. */
export function toBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(bits, (word) =>
    (word & 0x7fff_ffff) > 0x7f80_0000
      ? (word >>> 16) | 0x40 // not a number: rounding must not make it infinite
      : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16,
  );
}
