import { createHash } from "node:crypto";
import type { ChatPayload } from "./chat.ts";

/** sha256 of a payload as canonical JSON (names sorted at every depth), 64 hexadecimal digits. */
export function payloadKey(payload: ChatPayload): string {
  return createHash("sha256").update(canonicalJson(payload)).digest("hex");
}

/** JSON without spaces whose names are sorted by UTF-16 code units at every depth; what is undefined is left out. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const fields: string[] = [];
  for (const [name, field] of Object.entries(value).sort(byName)) {
    if (field !== undefined) fields.push(`${JSON.stringify(name)}:${canonicalJson(field)}`);
  }
  return `{${fields.join(",")}}`;
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
