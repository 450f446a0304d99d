import { jsonOrNull } from "../../base/json.ts";

/** Text as the bytes of its UTF-8; bytes as they are. */
export function bytesOf(content: Uint8Array | string): Uint8Array {
  return typeof content === "string" ? Buffer.from(content) : content;
}

/** The value of JSON in UTF-8; null where it is none. */
export function jsonIn(content: Uint8Array): unknown {
  return jsonOrNull(Buffer.from(content).toString("utf8"));
}

/** Whether a file that was read holds this content. */
export function isContent(found: Uint8Array, content: Uint8Array | string): boolean {
  return Buffer.compare(found, bytesOf(content)) === 0;
}
