import { z } from "zod";
import { answerFields } from "../settings.ts";

/** A role that is played by a local model. */
export const ggufSettings = z.strictObject({
  provider: z.literal("gguf").describe("A local .gguf file, run by node-llama-cpp."),
  ...answerFields,
  model: z.string().min(1).describe("Path of the .gguf file."),
  adapter: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Path of a LoRA adapter as a .gguf file, made for this model, or finetuned: the one that this run trains for the role, or that " +
        "finetune.adapters names for it. Its content is part of every answer's identity. Default: none.",
    ),
  threads: z.int().min(1).optional().describe("Default: all cores."),
  contextTokens: z.int().min(128).default(4096).describe("Context length of one sequence, tokens."),
  sequences: z.int().min(1).default(4).describe("Prompts generated in parallel."),
  reproducible: z
    .boolean()
    .default(false)
    .describe(
      "Whether an answer depends on its prompt alone. Otherwise what is generated beside it, and what the model still has in memory " +
        "of the prompts before, changes the last digits of its numbers, and with them many a text, even at temperature 0. With it, " +
        "prompts are generated one at a time (sequences: 1), each read from its first token, on as many threads.",
    ),
});

export type GgufSettings = z.output<typeof ggufSettings>;

/** Prompts that are generated at a time. */
export function sequencesOf({
  sequences,
  reproducible,
}: Pick<GgufSettings, "sequences" | "reproducible">): number {
  return reproducible ? 1 : sequences;
}
