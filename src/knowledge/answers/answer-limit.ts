import type { ErrorLimit } from "../../flow/error-limit.ts";
import type { KnowledgeSettings } from "../settings.ts";

/** How many prompts of a stage may be without a usable answer. */
export function answerLimit({ maxErrors }: Pick<KnowledgeSettings, "maxErrors">): ErrorLimit {
  return {
    ...{ setting: "knowledge.maxErrors", maxErrors, takesRetry: true },
    ...{ noun: "prompt", lacks: "answer" },
  };
}
