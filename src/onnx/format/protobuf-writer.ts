/** @file Writes the part of the protobuf wire format that ONNX files use, without a schema compiler. */

/** A protobuf message under construction. Fields keep the order in which they are written. */
export interface MessageWriter {
  /** An integer field (int32, int64, enum); `value` must be a safe integer. Negative ones take ten bytes. */
  readonly integer: (field: number, value: number) => MessageWriter;
  /** A 32-bit float field. */
  readonly float: (field: number, value: number) => MessageWriter;
  /** A string field, UTF-8. */
  readonly text: (field: number, value: string) => MessageWriter;
  /** A bytes field. `value` is kept by reference until {@link encodeMessage}. */
  readonly bytes: (field: number, value: Uint8Array) => MessageWriter;
  /** A nested message as it is now; later writes to `value` are ignored. */
  readonly message: (field: number, value: MessageWriter) => MessageWriter;
  /** What has been written so far, in pieces. */
  readonly chunks: () => readonly Uint8Array[];
  /** Bytes written so far. */
  readonly byteLength: () => number;
}

const wireVarint = 0;
const wireLength = 2;
const wireFixed32 = 5;
const utf8 = new TextEncoder();

/** An empty message. Large byte fields are not copied when a message grows or is nested. */
export function messageWriter(): MessageWriter {
  const chunks: Uint8Array[] = [];
  let length = 0;

  const push = (chunk: Uint8Array): void => {
    chunks.push(chunk);
    length += chunk.byteLength;
  };
  const tagged = (field: number, wire: number, value: number): void => {
    const bytes: number[] = [];
    appendVarint(bytes, field * 8 + wire);
    appendVarint(bytes, value);
    push(Uint8Array.from(bytes));
  };

  const writer: MessageWriter = {
    integer: (field, value) => {
      tagged(field, wireVarint, value);
      return writer;
    },
    float: (field, value) => {
      const bytes: number[] = [];
      appendVarint(bytes, field * 8 + wireFixed32);
      const view = new DataView(new ArrayBuffer(4));
      view.setFloat32(0, value, true);
      push(Uint8Array.from([...bytes, ...new Uint8Array(view.buffer)]));
      return writer;
    },
    text: (field, value) => writer.bytes(field, utf8.encode(value)),
    bytes: (field, value) => {
      tagged(field, wireLength, value.byteLength);
      push(value);
      return writer;
    },
    message: (field, value) => {
      tagged(field, wireLength, value.byteLength());
      for (const chunk of value.chunks()) push(chunk);
      return writer;
    },
    chunks: () => chunks,
    byteLength: () => length,
  };
  return writer;
}

/** The finished message in one piece. This is the only time its bytes are copied. */
export function encodeMessage(message: MessageWriter): Uint8Array {
  const encoded = new Uint8Array(message.byteLength());
  let offset = 0;
  for (const chunk of message.chunks()) {
    encoded.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return encoded;
}

/** Seven bits per byte, lowest first; negative numbers as 64-bit two's complement. */
function appendVarint(bytes: number[], value: number): void {
  if (!Number.isSafeInteger(value)) {
    throw new Error(`internal: expected a safe integer for protobuf, got ${value}`);
  }
  if (value < 0) {
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    bytes.push(Number(rest));
    return;
  }
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
}
