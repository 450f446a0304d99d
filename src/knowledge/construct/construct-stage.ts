import { toJson } from "../../base/json.ts";
import { subjects } from "../../base/terms.ts";
import { defineStage, pickTables, taskPerPart, type StageDef } from "../../flow/stage.ts";
import { constructTables } from "../../tables/schemas/construct.ts";
import { requests } from "../../tables/schemas/knowledge.ts";
import { tableNames } from "../../tables/schemas/schema.ts";
import { itemLengthIdentity, type KnowledgeSettings } from "../settings.ts";
import { constructIdentity, type ConstructSettings } from "./settings.ts";

export interface ConstructOptions {
  readonly construct: ConstructSettings;
  readonly knowledge: KnowledgeSettings;
  readonly positiveAbove: number;
}

/** A teacher writes knowledge; texts that pass the checks become fine-tuning data. One task per part of the targets. */
export function constructStage({
  construct,
  knowledge,
  positiveAbove,
}: ConstructOptions): StageDef {
  const { itemNoun, personNoun, attributes } = knowledge;
  return defineStage({
    name: "construct",
    version: "2",
    module: "knowledge/construct/construct-task",
    export: "construct",
    config: toJson({
      ...{ positiveAbove, itemNoun, personNoun, attributes },
      ...itemLengthIdentity(knowledge),
      ...constructIdentity(construct),
    }),
    runtime: toJson({ knowledge, construct, positiveAbove }),
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
  });
}
