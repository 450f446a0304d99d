import { FlowError } from "../../base/errors.ts";
import type { Json } from "../../base/json.ts";
import type { ChatPayload } from "../chat.ts";

/** Fields that `sampling.extra` may not set: other settings do, or they change the shape of the response. */
const reserved = new Set(["model", "messages", "stream", "stream_options", "n"]);

/**
 * The body of POST /chat/completions. Fields of `sampling.extra` override ours; a null field is left out, for servers that refuse it
 * (`{ max_tokens: null, max_completion_tokens: 500 }`).
 */
export function requestBody(payload: ChatPayload): Readonly<Record<string, Json>> {
  const { model, messages, sampling, schema, sample } = payload;
  const body: Record<string, Json> = {
    model,
    messages: messages.map(({ role, content }) => ({ role, content })),
    temperature: sampling.temperature,
    top_p: sampling.topP,
    max_tokens: sampling.maxTokens,
  };
  if (sampling.seed !== null) body["seed"] = sampling.seed + sample;
  if (sampling.stop.length > 0) body["stop"] = sampling.stop;
  if (schema !== null) {
    const { name, schema: shape } = schema;
    body["response_format"] = {
      type: "json_schema",
      json_schema: { name, schema: shape, strict: true },
    };
  }
  const merged = Object.entries({ ...body, ...sampling.extra });
  return Object.fromEntries(merged.filter(([, value]) => value !== null));
}

/** @throws FlowError `CONFIG_INVALID` for a field that `sampling.extra` may not set */
export function checkExtra(extra: Readonly<Record<string, Json>>): void {
  const name = Object.keys(extra).find((field) => reserved.has(field));
  if (name === undefined) return;
  throw new FlowError(
    "CONFIG_INVALID",
    `sampling.extra.${name} is not supported: the engine sets the model and the messages, and reads one whole answer. ` +
      "Take it out of sampling.extra.",
  );
}
