import { z } from "zod";
import { chatSettings } from "../../llm/providers.ts";
import { answerIdentity } from "../../llm/settings.ts";

/** The `construct` block of a pipeline file: how a teacher makes the data that actor and reflector are fine-tuned on. */
export const constructSettings = z
  .strictObject({
    share: z
      .number()
      .gt(0)
      .max(1)
      .default(0.4)
      .describe("Share of the users, and of the items, that the teacher is asked about."),
    seed: z.int().min(0).default(1).describe("Seed of the choice of these and of their targets."),
    inferences: z
      .int()
      .min(1)
      .max(32)
      .default(2)
      .describe(
        "Inferences about each of them. They differ only if the teacher's sampling.temperature is above 0.",
      ),
    teacher: z
      .discriminatedUnion("provider", chatSettings)
      .describe("The model that reasons, reflects and refines with the target before it."),
    structured: z
      .enum(["tags", "schema"])
      .default("tags")
      .describe("How the reflector that is fine-tuned will be asked for its judgements."),
  })
  .describe(
    "A teacher's texts and judgements, kept where its verdict on a known target allows it.",
  );

/** {@link constructSettings} as checked. */
export type ConstructSettings = z.output<typeof constructSettings>;

/** What decides the teacher's answers about given targets; not where, how fast and at what price they are fetched. */
export function constructIdentity({ inferences, teacher, structured }: ConstructSettings): object {
  return { inferences, structured, teacher: answerIdentity(teacher) };
}
