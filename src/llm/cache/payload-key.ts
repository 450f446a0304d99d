import { createHash } from "node:crypto";
import { canonicalJson } from "../../base/json.ts";
import type { ChatPayload } from "../chat.ts";

/**
 * sha256 of everything that decides an answer, 64 hexadecimal digits: the settings that a role's prompts share as canonical JSON, then
 * role, length and text of each message, which need no quoting this way.
 */
export function payloadKey(payload: ChatPayload): string {
  const { messages, model, promptVersion, sample, sampling, schema } = payload;
  const hash = createHash("sha256");
  hash.update(
    `${JSON.stringify([model, promptVersion, sample])}\n${written(sampling)}\n${schema === null ? "null" : written(schema)}\n`,
  );
  for (const { role, content } of messages) {
    hash.update(`${role} ${content.length}\n`);
    hash.update(content);
  }
  return hash.digest("hex");
}

const texts = new WeakMap<object, string>();

function written(shared: object): string {
  const text = texts.get(shared) ?? canonicalJson(shared);
  texts.set(shared, text);
  return text;
}
