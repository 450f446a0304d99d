import { z } from "zod";
import type { Subject } from "../../base/terms.ts";
import type { Database } from "../../tables/database.ts";
import { readBatches } from "../../tables/read-batches.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import type { Prompt } from "../chat/prompts.ts";
import type { CaseSide } from "../construct/cases.ts";
import type { ContextSource } from "../contexts/contexts.ts";
import type { FinetunedRole } from "../finetuned.ts";

const message = z.object({ role: z.enum(["system", "user", "assistant"]), content: z.string() });

const heldOutRow = z.object({
  task: z.enum(["reason", "refine", "reflect"]),
  subject_id: z.number(),
  sample: z.number(),
  messages: z.string().transform((text) => z.array(message).parse(JSON.parse(text))),
  prompt_version: z.string(),
  judgement: z.enum(["reasonable", "unreasonable"]).nullable(),
});

/** A row that no adapter was trained on. */
export interface HeldOut {
  readonly task: "reason" | "refine" | "reflect";
  readonly subjectId: number;
  readonly sample: number;
  readonly prompt: Prompt;
  /** The teacher's; null for texts of an actor. */
  readonly judgement: "reasonable" | "unreasonable" | null;
}

/**
 * @param db - Has the views of fine-tuning data
 * @param most - Rows
 */
export async function loadHeldOut(
  db: Database,
  { subject, role }: { readonly subject: Subject; readonly role: FinetunedRole },
  most: number,
): Promise<readonly HeldOut[]> {
  const rows = await db.rows(sqlFile("knowledge/held_out"), { subject, role, most });
  return z
    .array(heldOutRow)
    .parse(rows)
    .map(({ task, subject_id: subjectId, sample, messages, prompt_version, judgement }) => ({
      ...{ task, subjectId, sample, judgement },
      prompt: { messages, promptVersion: prompt_version, schema: null, reminder: "" }, // nothing is asked again
    }));
}

/**
 * For each subject, whether a text names what it must not know: titles of the events that the teacher knew.
 *
 * @param db - Has the subject's targets and contexts
 */
export async function titleChecks<C, K>(
  db: Database,
  side: CaseSide<C, K>,
  source: ContextSource,
): Promise<ReadonlyMap<number, (text: string) => boolean>> {
  const checks = new Map<number, (text: string) => boolean>();
  for await (const batch of readBatches(db, sqlFile(`construct/${side.query}`))) {
    for (const { id, namesTarget } of side.cases(batch, source)) checks.set(id, namesTarget);
  }
  return checks;
}
