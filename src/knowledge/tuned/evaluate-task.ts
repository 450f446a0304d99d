import { setImmediate } from "node:timers/promises";
import { z } from "zod";
import { limitConcurrency } from "../../base/limit-concurrency.ts";
import { FlowError } from "../../base/errors.ts";
import { stageNotes } from "../../flow/stage-notes.ts";
import type { RunTask, TaskContext, TaskSpec, WrittenFile } from "../../flow/task.ts";
import { batchFromRows } from "../../tables/batch-from-rows.ts";
import { withDatabase, type Row } from "../../tables/database.ts";
import { mountTables } from "../../tables/mount-tables.ts";
import { finetuneEval } from "../../tables/schemas/finetune.ts";
import { writeBatches } from "../../tables/write-batches.ts";
import { openChatRole } from "../chat/open-chat-role.ts";
import { itemCases, userCases, type CaseSide } from "../construct/cases.ts";
import { sharedItems } from "../contexts/load-items.ts";
import { finetuned, withOwnAdapters, type FinetunedRole } from "../finetuned.ts";
import { knowledgeRuntime, llmOf } from "../knowledge-runtime.ts";
import { sideSettings } from "../settings.ts";
import { answerRow } from "./answer-row.ts";
import { loadHeldOut, titleChecks } from "./held-out.ts";

const taskParams = z.object({
  subject: z.enum(["user", "item"]),
  role: z.enum(["actor", "reflector"]),
});
const taskConfig = z.object({ most: z.int().min(1) });

/** Lesson tables that a role does not learn from. */
const noLessons = { sft_reason: [], sft_refine: [], sft_reflect: [] };

/**
 * Asks the prompts of one adapter's held-out rows of the base model and of the model with the adapter.
 *
 * Config `{ most }`; runtime {@link knowledgeRuntime}; params `{ subject, role }` and what decides the answers; inputs the lessons of the
 * role, its part of `adapters`, and what tells which titles a text must not name; outputs `finetune_eval`.
 *
 * @throws what a client throws about the whole run
 */
export const evaluateAdapter: RunTask = async (task, context) => {
  const { subject, role } = taskParams.parse(task.params);
  return subject === "user"
    ? evaluate(userCases, role, task, context)
    : evaluate(itemCases, role, task, context);
};

async function evaluate<C, K>(
  side: CaseSide<C, K>,
  role: FinetunedRole,
  task: TaskSpec,
  context: TaskContext,
): Promise<readonly WrittenFile[]> {
  const { most } = taskConfig.parse(task.config);
  const runtime = knowledgeRuntime.parse(task.runtime);
  const { knowledge, positiveAbove } = runtime;
  const { subject } = side;
  const { runDir, signal } = context;
  return withDatabase(context, async (db) => {
    await mountTables(db, { ...noLessons, ...task.inputs }, runDir);
    const items = await sharedItems(db, knowledge, context);
    const heldOut = await loadHeldOut(db, { subject, role }, most);
    const checks = await titleChecks(db, side, { items, positiveAbove });
    const notes = await stageNotes(context);
    const given = sideSettings(knowledge, subject);
    const { [role]: tuned } = await withOwnAdapters(db, given, {
      ...{ subject, runDir, roles: [role] },
    });
    if (tuned.provider !== "gguf" || tuned.adapter === finetuned) {
      throw new Error(`internal: the ${role} about ${subject}s has no adapter to compare`);
    }
    const { adapter: _adapter, ...base } = tuned;
    const rows: Row[] = [];
    for (const [model, settings] of [
      ["base", base],
      ["adapter", tuned],
    ] as const) {
      const { client, schemas } = await openChatRole(
        await llmOf(runtime, context),
        settings,
        notes.say,
      );
      const jobs = heldOut.map((one) => async (): Promise<Row> => {
        await setImmediate();
        const namesTarget = checks.get(one.subjectId);
        if (namesTarget === undefined) throw noTarget(subject, one.subjectId);
        const row = await answerRow(one, { client, schemas, askAgain: 0, signal, namesTarget });
        rows.push({ subject, role, model, ...row });
        context.progress({
          ...{ rowsDone: rows.length, rowsTotal: 2 * heldOut.length, unit: "answers" },
          detail: { asks: `${subject} ${role}`, of: model },
          notes: notes.all(),
        });
        return row;
      });
      await limitConcurrency(client.inFlight, jobs);
    }
    return [
      await writeBatches(db, finetuneEval.name, [batchFromRows(finetuneEval.name, rows)], context),
    ];
  });
}

function noTarget(subject: string, id: number): FlowError {
  return new FlowError(
    "RUN_INVALID",
    `${subject} ${id} has fine-tuning data but no target: run the stage construct again`,
  );
}
