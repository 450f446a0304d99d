import { z } from "zod";
import type { Json } from "../../base/json.ts";
import type { ChatPayload } from "../chat.ts";
import type { OpenaiBatchSettings } from "./batch-settings.ts";

const json: z.ZodType<Json> = z.json();

/** A {@link ChatPayload} as read back from a queue. */
const payload: z.ZodType<ChatPayload> = z.strictObject({
  model: z.string(),
  promptVersion: z.string(),
  messages: z.array(
    z.strictObject({ role: z.enum(["system", "user", "assistant"]), content: z.string() }),
  ),
  sampling: z.strictObject({
    temperature: z.number(),
    topP: z.number(),
    maxTokens: z.int(),
    seed: z.int().nullable(),
    stop: z.array(z.string()),
    extra: z.record(z.string(), json),
  }),
  schema: z.strictObject({ name: z.string(), schema: json }).nullable(),
  sample: z.int(),
});

/** Where and how a batch service is reached. Contains names of environment variables, never their values. */
export const serviceAddress = z.strictObject({
  baseUrl: z.url(),
  apiKeyEnv: z.string(),
  headers: z.record(z.string(), z.string()),
  pollS: z.number().positive(),
});
export type ServiceAddress = z.output<typeof serviceAddress>;

/** A prompt that waits for a batch: one line of a queue file. `service` is null when the user runs the batch. */
export const queuedRequest = z.strictObject({
  key: z.string().regex(/^[0-9a-f]{64}$/),
  service: serviceAddress.nullable(),
  payload,
});
export type QueuedRequest = z.output<typeof queuedRequest>;

/** The service in the settings. A batch lives at one endpoint: the first of several. */
export function addressOf(settings: OpenaiBatchSettings): ServiceAddress {
  const { baseUrl, apiKeyEnv, headers, pollS } = settings;
  const first = typeof baseUrl === "string" ? baseUrl : baseUrl[0];
  if (first === undefined) throw new Error("internal: settings without a base URL");
  return { baseUrl: first, apiKeyEnv, headers, pollS };
}
