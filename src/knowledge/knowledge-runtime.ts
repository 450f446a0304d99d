import { z } from "zod";
import { retryRuntime } from "./retry-runtime.ts";
import { stageNotes } from "../flow/stage-notes.ts";
import type { TaskContext } from "../flow/task.ts";
import { openLlm, type Llm } from "../llm/llm.ts";
import { answerFolders } from "../llm/cache/answer-folders.ts";
import { knowledgeSettings } from "./settings.ts";

/** What a task that asks models needs beyond what decides its texts. */
export const knowledgeRuntime = z.strictObject({
  knowledge: knowledgeSettings,
  positiveAbove: z.number().describe("A rating above this counts as liked, stars."),
  retry: retryRuntime,
});

export type KnowledgeRuntime = z.output<typeof knowledgeRuntime>;

/** The run's access to its models; all tasks of a stage share its cache, budget and limits. */
export function llmOf(
  { knowledge: { cache, budget, prices }, retry }: Pick<KnowledgeRuntime, "knowledge" | "retry">,
  {
    shared,
    runDir,
    share = 1,
    budget: parts,
  }: Pick<TaskContext, "shared" | "runDir" | "share" | "budget">,
): Promise<Llm> {
  return shared("llm", async () => {
    const { say } = await stageNotes({ shared });
    const onWait = (text: string): void => {
      say(text, text);
    };
    return openLlm({
      ...{ ...answerFolders(cache, runDir), budget, prices, retry, share, onWait },
      ...(parts && { budgetParts: parts }),
    });
  });
}
