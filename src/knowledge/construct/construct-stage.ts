import { toJson } from "../../base/json.ts";
import { policyOf, type RetryWish } from "../../base/retry-policy.ts";
import { subjects } from "../../base/terms.ts";
import { defineStage, pickTables, taskPerPart, type StageDef } from "../../flow/stage.ts";
import { constructTables } from "../../tables/schemas/construct.ts";
import { requests } from "../../tables/schemas/knowledge.ts";
import { tableNames } from "../../tables/schemas/schema.ts";
import { answersByBatch } from "../../llm/providers.ts";
import { checkOutcomes } from "../answers/check-outcomes.ts";
import { wordsIdentity } from "../domain-nouns.ts";
import { itemLengthIdentity, type KnowledgeSettings } from "../settings.ts";
import { constructIdentity, type ConstructSettings } from "./settings.ts";
import { countingIdentity } from "./student-counters.ts";
import { teacherOf } from "./teacher-of.ts";
import { teachingPrompts } from "./teaching-prompts.ts";

export interface ConstructOptions {
  readonly construct: ConstructSettings;
  readonly knowledge: KnowledgeSettings;
  readonly positiveAbove: number;
  readonly retry: RetryWish;
}

/** A teacher writes knowledge; texts that pass the checks become fine-tuning data. One task per part of the targets. */
export function constructStage({
  construct,
  knowledge,
  positiveAbove,
  retry: wish,
}: ConstructOptions): StageDef {
  const retry = policyOf(wish, answersByBatch(construct.teacher));
  const { attributes } = knowledge;
  return defineStage({
    name: "construct",
    version: "4",
    module: "knowledge/construct/construct-task",
    export: "construct",
    config: toJson({
      ...{ positiveAbove, attributes, prompts: teachingPrompts },
      ...wordsIdentity(knowledge, true),
      ...itemLengthIdentity(knowledge),
      ...constructIdentity(construct),
      tokenizers: {
        user: countingIdentity({ construct, knowledge }, "user"),
        item: countingIdentity({ construct, knowledge }, "item"),
      },
    }),
    runtime: toJson({ knowledge, construct, positiveAbove, retry }),
    inputs: ["user_targets", "item_targets", "user_contexts", "item_contexts", "items"],
    outputs: tableNames([...constructTables, requests]),
    threads: "waiting",
    plan: (inputs) =>
      subjects.flatMap((subject) =>
        taskPerPart(
          `${subject}_targets`,
          pickTables(inputs, [`${subject}_targets`, `${subject}_contexts`, "items"]),
          { subject },
        ),
      ),
    retry,
    check: (parts) => {
      checkOutcomes(parts, {
        knowledge,
        tables: ["construction"],
        roleOf: () => teacherOf(construct, null),
      });
    },
  });
}
