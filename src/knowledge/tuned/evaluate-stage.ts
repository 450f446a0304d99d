import { toJson } from "../../base/json.ts";
import { policyOf, type RetryWish } from "../../base/retry-policy.ts";
import { subjects } from "../../base/terms.ts";
import { defineStage, pickTables, type StageDef } from "../../flow/stage.ts";
import { answerIdentity } from "../../llm/settings.ts";
import { finetuneEval } from "../../tables/schemas/finetune.ts";
import { adapterParts, loadedRoles, type RunAdapter } from "../finetuned.ts";
import { asksModel } from "../providers.ts";
import { itemLengthIdentity, sideSettings, type KnowledgeSettings } from "../settings.ts";

export interface EvaluateOptions {
  /** Of the variant whose roles are played with the run's own adapters. */
  readonly knowledge: KnowledgeSettings;
  readonly positiveAbove: number;
  /** Most held-out rows per adapter. */
  readonly most: number;
  /** The adapters that the run trains, in the order of their parts in the table `adapters`. */
  readonly adapters: readonly RunAdapter[];
  readonly retry: RetryWish;
}

/**
 * Asks held-out prompts of the base model and of the model with its adapter; a task for each adapter that a role is played with and
 * that the run loads: of a model behind a server, nothing says which one it was before.
 */
export function evaluateStage(options: EvaluateOptions): StageDef {
  const { knowledge, positiveAbove, most, adapters, retry } = options;
  const players = subjects.flatMap((subject) =>
    loadedRoles(knowledge, subject).flatMap((role) => {
      const player = sideSettings(knowledge, subject)[role];
      return asksModel(player) ? [{ subject, role, player: answerIdentity(player) }] : [];
    }),
  );
  const tablesOf = (role: string): readonly string[] =>
    role === "actor" ? ["sft_reason", "sft_refine"] : ["sft_reflect"];
  return defineStage({
    name: "finetune-eval",
    module: "knowledge/tuned/evaluate-task",
    export: "evaluateAdapter",
    config: toJson({ most, ...itemLengthIdentity(knowledge) }),
    runtime: toJson({ knowledge, positiveAbove, retry: policyOf(retry, false) }),
    inputs: [
      ...["adapters", "sft_reason", "sft_refine", "sft_reflect", "items"],
      ...subjects.flatMap((subject) => [`${subject}_targets`, `${subject}_contexts`]),
    ],
    outputs: [finetuneEval.name],
    threads: "waiting",
    plan: (inputs) =>
      players.map(({ subject, role, player }) => ({
        params: toJson({ subject, role, player }),
        inputs: {
          ...pickTables(inputs, [`${subject}_targets`, `${subject}_contexts`, "items"]),
          ...pickTables(inputs, tablesOf(role)),
          ...adapterParts(inputs, adapters, subject, [role]),
        },
      })),
  });
}
