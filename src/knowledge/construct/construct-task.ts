import { z } from "zod";
import { retryRuntime } from "../retry-runtime.ts";
import type { RunTask, TaskContext, TaskSpec, WrittenFile } from "../../flow/task.ts";
import { mountTables } from "../../tables/mount-tables.ts";
import { withDatabase } from "../../tables/database.ts";
import { itemCases, userCases, type CaseSide } from "./cases.ts";
import { stageNotes } from "../../flow/stage-notes.ts";
import { constructSettings } from "./settings.ts";
import { openStudentCounters } from "./student-counters.ts";
import { teacherOf } from "./teacher-of.ts";
import { writeConstruction } from "./write-construction.ts";
import { answerWatch } from "../answers/answer-watch.ts";
import { openChatRole } from "../chat/open-chat-role.ts";
import { llmOf } from "../knowledge-runtime.ts";
import { sharedItems } from "../contexts/load-items.ts";
import { domainOf } from "../domain-nouns.ts";
import { knowledgeSettings } from "../settings.ts";

/** What the teacher's task needs besides the settings that affect its texts. */
export const constructRuntime = z.object({
  knowledge: knowledgeSettings,
  construct: constructSettings,
  positiveAbove: z.number().describe("A rating above this counts as liked, stars."),
  retry: retryRuntime,
});

const taskParams = z.object({ subject: z.enum(["user", "item"]) });

/**
 * Asks the teacher about one part of `user_targets` or `item_targets`, and routes what it says into the data sets that actor and
 * reflector are fine-tuned on.
 *
 * Runtime {@link constructRuntime}; params `{ subject: Subject }` and what decides its texts; inputs
 * `<subject>_targets` (one part), `<subject>_contexts` and `items`; outputs `construction`, `sft_reason`, `sft_refine`,
 * `sft_reflect` and, where there are rows, `requests`. Same input, same output, with a deterministic teacher.
 *
 * @throws `ANSWERS_PENDING` when prompts have been queued for a batch; `TOO_MANY_ERRORS` beyond `knowledge.maxErrors`;
 *   `PROVIDER_FAILED` when the teacher gives no usable answer; what its client throws about the whole run
 */
export const construct: RunTask = async (task, context) => {
  const { subject } = taskParams.parse(task.params);
  return subject === "user" ? teach(userCases, task, context) : teach(itemCases, task, context);
};

async function teach<C, K>(
  side: CaseSide<C, K>,
  task: TaskSpec,
  context: TaskContext,
): Promise<readonly WrittenFile[]> {
  const { subject } = side;
  const runtime = constructRuntime.parse(task.runtime);
  const { knowledge, positiveAbove } = runtime;
  const { teacher, inferences, structured, validation } = runtime.construct;
  const nouns = domainOf(knowledge, positiveAbove);
  const llm = await llmOf(runtime, context);
  const notes = await stageNotes(context);
  const lessons = {
    teacher: {
      ...(await openChatRole(llm, teacher, notes.say)),
      prompts: side.prompts(nouns, teacher.structured),
      askAgain: teacher.askAgain,
    },
    student: {
      prompts: side.prompts(nouns, structured),
      form: structured,
      counters: await openStudentCounters(runtime, subject),
      validation,
    },
    inferences,
    role: teacherOf(runtime.construct, subject),
    notes,
  };
  const watch = await answerWatch(knowledge, context);
  return withDatabase(context, async (db) => {
    await mountTables(db, task.inputs, context.runDir);
    const items = await sharedItems(db, knowledge, context);
    const source = { items, positiveAbove };
    return await writeConstruction(db, side, source, lessons, watch, context);
  });
}
