import { z } from "zod";
import { answerFields, endpointFields } from "../settings.ts";

/** A role whose requests the user runs as batches. */
export const batchJsonlSettings = z.strictObject({
  provider: z
    .literal("batch-jsonl")
    .describe(
      "Writes the requests as OpenAI batch JSONL, stops, and continues with the answers (vllm run-batch).",
    ),
  ...answerFields,
});

/** A role whose requests a service runs as batches. */
export const openaiBatchSettings = z.strictObject({
  provider: z.literal("openai-batch").describe("The Batch API of an OpenAI-compatible service."),
  ...answerFields,
  ...endpointFields,
  pollS: z.number().positive().default(30).describe("Seconds between polls of a batch."),
});

export type BatchJsonlSettings = z.output<typeof batchJsonlSettings>;
export type OpenaiBatchSettings = z.output<typeof openaiBatchSettings>;
