import { z } from "zod";
import { chatSettings } from "../../llm/providers.ts";
import { answerIdentity } from "../../llm/settings.ts";

/** The `construct` block of a pipeline file: how a teacher creates the data that actor and reflector are fine-tuned on. */
export const constructSettings = z
  .strictObject({
    share: z
      .number()
      .gt(0)
      .max(1)
      .default(0.4)
      .describe("Share of users, and of items, that the teacher is asked about."),
    seed: z.int().min(0).default(1).describe("Seed for choosing these and their targets."),
    inferences: z
      .int()
      .min(1)
      .max(32)
      .default(2)
      .describe(
        "Inferences per user or item. They differ only if the teacher's sampling.temperature is above 0.",
      ),
    validation: z
      .number()
      .min(0)
      .max(0.5)
      .default(0.05)
      .describe(
        "Share of users, and of items, whose rows are for validation and not for training: drawn by the hash of the id, " +
          "so that every row about one of them is on the same side.",
      ),
    teacher: z
      .discriminatedUnion("provider", chatSettings)
      .describe("The model that reasons, reflects and refines while it sees the target."),
    structured: z
      .enum(["tags", "schema"])
      .default("tags")
      .describe("Form in which the fine-tuned reflector will be asked for its judgements."),
  })
  .describe("A teacher's texts and judgements, kept when its verdict on a known target is right.");

/** {@link constructSettings} as checked. */
export type ConstructSettings = z.output<typeof constructSettings>;

/** The settings that affect the rows about given targets: no address, speed or price. */
export function constructIdentity({
  inferences,
  validation,
  teacher,
  structured,
}: ConstructSettings): object {
  return { inferences, validation, structured, teacher: answerIdentity(teacher) };
}
