import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import { jsonOrNull } from "../../base/json.ts";
import type { Database } from "../../tables/database.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import type { AdapterIdentity } from "../settings.ts";
import { chatMessage, type ChatRow } from "./chat-row.ts";

const lesson = z.object({
  task: z.enum(["reason", "refine", "reflect"]),
  subject_id: z.number(),
  sample: z.number(),
  messages: z.string(),
  completion: z.string(),
  split: z.enum(["train", "valid"]),
});

/**
 * What the teacher left for one adapter to learn, in a fixed order.
 *
 * @param db - Has the views `sft_reason`, `sft_refine` and `sft_reflect` that the role needs
 */
export async function loadLessons(
  db: Database,
  { subject, role }: AdapterIdentity,
): Promise<readonly ChatRow[]> {
  const rows = await db.rows(sqlFile(`finetune/${role}_rows`), { subject });
  return z
    .array(lesson)
    .parse(rows)
    .map(({ task, subject_id: id, sample, messages, completion, split }) => {
      const place = `sft_${task}: ${subject} ${id}, sample ${sample}`;
      const prompt = z.array(chatMessage).safeParse(jsonOrNull(messages));
      if (!prompt.success) {
        throw new FlowError("INPUT_INVALID", `${place}: messages are no JSON list of messages`);
      }
      return {
        place,
        messages: [...prompt.data, { role: "assistant", content: completion }],
        isValid: split === "valid",
      };
    });
}
