import { createHash } from "node:crypto";
import type { ChatPayload } from "./chat.ts";

/** sha256 of a payload as canonical JSON, 64 hexadecimal digits. */
export function payloadKey(payload: ChatPayload): string {
  const { messages, model, promptVersion, sample, sampling, schema } = payload;
  const said = messages.map(
    ({ content, role }) => `{"content":${JSON.stringify(content)},"role":"${role}"}`,
  );
  // canonicalJson(payload), without sorting what has a known form and what all prompts of a role share.
  const text =
    `{"messages":[${said.join(",")}],"model":${JSON.stringify(model)},` +
    `"promptVersion":${JSON.stringify(promptVersion)},"sample":${sample},` +
    `"sampling":${written(sampling)},"schema":${schema === null ? "null" : written(schema)}}`;
  return createHash("sha256").update(text).digest("hex");
}

const texts = new WeakMap<object, string>();

function written(shared: object): string {
  const text = texts.get(shared) ?? canonicalJson(shared);
  texts.set(shared, text);
  return text;
}

/** JSON without spaces and with the names of objects sorted at every depth; what is undefined is left out. */
export function canonicalJson(value: object): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  // Without a prototype "__proto__" is a name like any other.
  const copy: Record<string, unknown> = { __proto__: null };
  const fields: Readonly<Record<string, unknown>> = { ...value };
  for (const name of Object.keys(fields).sort()) copy[name] = sorted(fields[name]);
  return copy;
}
