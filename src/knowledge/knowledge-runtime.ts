import { z } from "zod";
import { FlowError } from "../base/errors.ts";
import type { TaskContext } from "../flow/task.ts";
import { openLlm, type Llm } from "../llm/llm.ts";
import { answerFolders } from "../llm/cache/answer-folders.ts";
import { knowledgeSettings } from "./settings.ts";

/** What a task that asks models needs beyond what decides its texts. */
export const knowledgeRuntime = z.strictObject({
  knowledge: knowledgeSettings,
  positiveAbove: z.number().describe("A rating above this counts as liked, stars."),
});

export type KnowledgeRuntime = z.output<typeof knowledgeRuntime>;

/** The run's access to its models; all tasks of a stage share its cache, budget and limits. */
export function llmOf(
  { knowledge: { cache, budget, prices } }: Pick<KnowledgeRuntime, "knowledge">,
  { shared, runDir }: Pick<TaskContext, "shared" | "runDir">,
): Promise<Llm> {
  return shared("llm", () => openLlm({ ...answerFolders(cache, runDir), budget, prices }));
}

/** Counts prompts without an answer in all tasks of a stage. */
export interface ErrorAllowance {
  /** @throws `TOO_MANY_ERRORS` when there are more than allowed, with the same error for later tasks */
  readonly count: (what: string) => void;
  readonly close: () => Promise<void>;
}

/** The allowance of `knowledge.maxErrors`, shared like {@link llmOf}. */
export function errorAllowance(
  { knowledge: { maxErrors } }: Pick<KnowledgeRuntime, "knowledge">,
  { shared }: Pick<TaskContext, "shared">,
): Promise<ErrorAllowance> {
  return shared("error allowance", () => {
    let errors = 0;
    let exceeded: FlowError | undefined;
    const count = (what: string): void => {
      errors += 1;
      if (maxErrors === undefined || errors <= maxErrors) return;
      exceeded ??= new FlowError(
        "TOO_MANY_ERRORS",
        `${errors} prompts have no answer, more than knowledge.maxErrors = ${maxErrors}; the last: ${what}. ` +
          "Every answer is kept: fix the cause or raise knowledge.maxErrors, and run again.",
      );
      throw exceeded;
    };
    return Promise.resolve({ count, close: () => Promise.resolve() });
  });
}
