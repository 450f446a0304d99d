import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import { jsonOrNull } from "../../base/json.ts";
import type { Database } from "../../tables/database.ts";
import { readBatches } from "../../tables/read-batches.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { tablesTaught } from "../lesson-tables.ts";
import { adaptersOf, type AdapterIdentity } from "../settings.ts";
import type { ChatMessage } from "../text/chat-tokenizer.ts";

/** One row to learn from. */
export interface Lesson {
  /** System and user. */
  readonly prompt: readonly ChatMessage[];
  /** The one turn of the model. */
  readonly answer: ChatMessage;
  readonly split: "train" | "valid";
  readonly tokens: number;
}

/** A model to be trained, and the tables it learns from. */
export interface Student extends AdapterIdentity {
  /** Such as "user-actor": the folder's name. */
  readonly name: string;
  readonly tables: readonly string[];
}

/**
 * The models of the method: an actor, which learns reasoning and refining, and a reflector, for users and for items.
 *
 * @param isReasonOnly - Only actors, trained on reasoning alone (R2ec)
 */
export function students(isReasonOnly: boolean): readonly Student[] {
  return adaptersOf({ reasonOnly: isReasonOnly }).map(({ subject, role }) => ({
    ...{ name: `${subject}-${role}`, subject, role },
    tables: tablesTaught(role, isReasonOnly),
  }));
}

const prompt = z.tuple([
  z.strictObject({ role: z.literal("system"), content: z.string() }),
  z.strictObject({ role: z.literal("user"), content: z.string() }),
]);
const row = z.object({
  source: z.string(),
  subject_id: z.number(),
  sample: z.number(),
  messages: z.string(),
  completion: z.string(),
  split: z.enum(["train", "valid"]),
  tokens: z.number(),
});

/**
 * The rows that a model learns from, those about a user or item together; a batch at a time in memory.
 *
 * @param isReasonOnly - Whether an actor learns to reason alone
 * @throws `RUN_INVALID` naming a row whose prompt is not a system message and a user's turn
 */
export async function* lessonsOf(
  db: Database,
  { subject, role }: Pick<Student, "subject" | "role">,
  isReasonOnly: boolean,
): AsyncGenerator<Lesson> {
  const params = { subject, role, is_reason_only: isReasonOnly };
  for await (const batch of readBatches(db, sqlFile("finetune/lessons"), { params })) {
    for (const each of batch) {
      const { source, subject_id, sample, messages, ...rest } = row.parse(each.toJSON());
      const read = prompt.safeParse(jsonOrNull(messages));
      if (!read.success) {
        throw new FlowError(
          "RUN_INVALID",
          `${source}, ${subject} ${subject_id}, inference ${sample}: the prompt is not a system message and a user's turn, so that a trainer ` +
            "would learn more than the answer. An earlier version made this row: run the pipeline again with --to construct.",
        );
      }
      const { completion, split, tokens } = rest;
      yield {
        prompt: read.data,
        answer: { role: "assistant", content: completion },
        split,
        tokens,
      };
    }
  }
}
