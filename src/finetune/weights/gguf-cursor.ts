/** The bytes read so far end within a value. */
export class BytesMissing extends Error {
  override readonly name = "BytesMissing";
}

/** Reads little-endian values one after the other. Every call throws {@link BytesMissing} where too few bytes are there. */
export interface GgufCursor {
  readonly position: () => number;
  /** A fixed-width number, by its type. */
  readonly number: (type: NumberType) => number;
  /** An unsigned 64-bit number up to 2^53. */
  readonly count: () => number;
  /** UTF-8 text after its length. */
  readonly text: () => string;
}

const widths = {
  ...{ uint8: 1, int8: 1, uint16: 2, int16: 2, uint32: 4, int32: 4 },
  ...{ float32: 4, uint64: 8, int64: 8, float64: 8 },
};

export type NumberType = keyof typeof widths;

/** A cursor at the beginning of `bytes`. */
export function ggufCursor(bytes: Buffer): GgufCursor {
  let at = 0;
  const take = (width: number): number => {
    if (at + width > bytes.length) throw new BytesMissing();
    at += width;
    return at - width;
  };
  const number = (type: NumberType): number => readers[type](bytes, take(widths[type]));
  const count = (): number => number("uint64");
  return {
    position: () => at,
    ...{ number, count },
    text: () => {
      const length = count();
      const start = take(length);
      return bytes.toString("utf8", start, start + length);
    },
  };
}

/** 64-bit numbers beyond 2^53 lose their last bits; as sizes they exceed every file. */
const readers: Readonly<Record<NumberType, (bytes: Buffer, at: number) => number>> = {
  uint8: (bytes, at) => bytes.readUInt8(at),
  int8: (bytes, at) => bytes.readInt8(at),
  uint16: (bytes, at) => bytes.readUInt16LE(at),
  int16: (bytes, at) => bytes.readInt16LE(at),
  uint32: (bytes, at) => bytes.readUInt32LE(at),
  int32: (bytes, at) => bytes.readInt32LE(at),
  float32: (bytes, at) => bytes.readFloatLE(at),
  uint64: (bytes, at) => Number(bytes.readBigUInt64LE(at)),
  int64: (bytes, at) => Number(bytes.readBigInt64LE(at)),
  float64: (bytes, at) => bytes.readDoubleLE(at),
};
