import { FlowError } from "../../../../base/errors.ts";
import { readChunks } from "./read-chunks.ts";
import { maxLineBytes } from "./read-lines.ts";

/** A value of a JSON text, such as an object of a list. */
export interface JsonValue {
  /** Line number of its start, from 1. */
  readonly line: number;
  readonly bytes: Buffer;
}

const lineFeed = 0x0a;
const space = 0x20;
const comma = 0x2c;
const quote = 0x22;
const backslash = 0x5c;
const [listStart, listEnd] = [0x5b, 0x5d];
/** The character that closes what another opens. */
const endOf: ReadonlyMap<number, number> = new Map([
  [0x7b, 0x7d],
  [listStart, listEnd],
]);
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Finds the values of a JSON text, wherever its lines break: those of a list, or values one after another. A comma after the last value of
 * a list is passed over.
 *
 * @throws `INPUT_INVALID` naming the line of a value that is never closed, so that what follows cannot be told; what {@link readChunks}
 *   throws
 */
export async function* readJsonValues(
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<readonly JsonValue[]> {
  const scan = new ValueScan(path);
  for await (const chunk of readChunks(path, signal)) yield scan.take(chunk);
  yield scan.end();
}

/** The first value of a text, or undefined if it is not whole. */
export function firstValue(text: Buffer): Buffer | undefined {
  try {
    return new ValueScan("").take(text)[0]?.bytes;
  } catch {
    return undefined;
  }
}

/** What the scan stands in: between values, a list or object, or a bare word or number. */
type Place = "between" | "nested" | "bare";

class ValueScan {
  readonly #path: string;
  #place: Place = "between";
  #line = 1;
  #startLine = 1;
  #isStart = true;
  #isInList = false;
  /** Of the value that the scan stands in: what precedes the current chunk, and the ends it waits for. */
  #pieces: Buffer[] = [];
  #bytes = 0;
  #ends: number[] = [];
  #isText = false;
  #isEscaped = false;

  constructor(path: string) {
    this.#path = path;
  }

  take(chunk: Buffer): readonly JsonValue[] {
    const values: JsonValue[] = [];
    let start = 0;
    let at = this.#isStart && chunk.subarray(0, 3).equals(byteOrderMark) ? 3 : 0;
    this.#isStart = false;
    for (; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (this.#place === "bare" && isAfterWord(byte)) values.push(this.#close(chunk, start, at));
      if (this.#place === "between" && this.#begins(byte)) start = at;
      else if (this.#place === "nested" && this.#ends.length > 0) this.#step(byte);
      if (this.#place === "nested" && this.#ends.length === 0) {
        values.push(this.#close(chunk, start, at + 1));
      }
      if (byte === lineFeed) this.#line++;
    }
    if (this.#place !== "between") {
      this.#pieces.push(chunk.subarray(start));
      this.#bytes += chunk.length - start;
      if (this.#bytes > maxLineBytes) throw this.#unclosed();
    }
    return values;
  }

  /** The value that the text ends with, if it is a bare one. */
  end(): readonly JsonValue[] {
    if (this.#place === "nested") throw this.#unclosed();
    return this.#place === "bare" ? [this.#close(Buffer.alloc(0), 0, 0)] : [];
  }

  /** Whether a value begins with this byte, which follows another value. */
  #begins(byte: number): boolean {
    if (byte <= space || byte === comma) return false;
    if (byte === listEnd && this.#isInList) {
      this.#isInList = false;
      return false;
    }
    if (byte === listStart && !this.#isInList) {
      this.#isInList = true;
      return false;
    }
    const end = endOf.get(byte);
    this.#place = end === undefined && byte !== quote ? "bare" : "nested";
    this.#ends = end === undefined ? (byte === quote ? [quote] : []) : [end];
    this.#isText = byte === quote;
    this.#startLine = this.#line;
    return true;
  }

  /** Goes over a byte inside a list, object or text. */
  #step(byte: number): void {
    if (this.#isText) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === backslash) this.#isEscaped = true;
      else if (byte === quote) {
        this.#isText = false;
        if (this.#ends.at(-1) === quote) this.#ends.pop();
      }
      return;
    }
    const end = endOf.get(byte);
    if (end !== undefined) this.#ends.push(end);
    else if (byte === quote) this.#isText = true;
    else if (byte === listEnd || byte === endOf.get(0x7b)) {
      if (this.#ends.pop() !== byte) throw this.#unclosed();
    }
  }

  #close(chunk: Buffer, start: number, end: number): JsonValue {
    const isBegun = this.#pieces.length > 0;
    const last = chunk.subarray(isBegun ? 0 : start, end);
    const bytes = isBegun ? Buffer.concat([...this.#pieces, last]) : last;
    if (bytes.length > maxLineBytes) throw this.#unclosed();
    this.#place = "between";
    this.#pieces = [];
    this.#bytes = 0;
    return { line: this.#startLine, bytes };
  }

  #unclosed(): FlowError {
    return new FlowError(
      "INPUT_INVALID",
      `${this.#path}: line ${this.#startLine}: a value starts here that is never closed, or is longer than 1 MiB; mend it, or write each object in a line of its own`,
    );
  }
}

/** Whether a bare word or number ends before this byte. */
function isAfterWord(byte: number): boolean {
  return byte <= space || byte === comma || byte === listEnd || endOf.has(byte);
}
