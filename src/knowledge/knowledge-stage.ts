import { toJson } from "../base/json.ts";
import { policyOf, type RetryWish } from "../base/retry-policy.ts";
import { stageFor } from "../base/stage-names.ts";
import { subjects, type Subject } from "../base/terms.ts";
import {
  defineStage,
  pickTables,
  taskPerPart,
  type Catalog,
  type StageDef,
} from "../flow/stage.ts";
import { knowledgeTables } from "../tables/schemas/knowledge.ts";
import { tableNames } from "../tables/schemas/schema.ts";
import { checkOutcomes } from "./answers/check-outcomes.ts";
import { showsUserAttributes } from "./contexts/load-users.ts";
import { adapterParts, finetunedRoles, type RunAdapter } from "./finetuned.ts";
import { asksByBatch, asksModels, sideIdentity, type KnowledgeSettings } from "./settings.ts";
import { watchedRole } from "./answers/watched-role.ts";

export interface KnowledgeOptions {
  /** Whose texts these are: r4ec, r2ec or kar. */
  readonly variant: string;
  readonly knowledge: KnowledgeSettings;
  readonly positiveAbove: number;
  readonly retry: RetryWish;
  /** The adapters that the run trains, in the order of their parts in the table `adapters`. Default: none. */
  readonly adapters?: readonly RunAdapter[];
}

/** Writes the texts of one variant; a task per part of the contexts. */
export function knowledgeStage(options: KnowledgeOptions): StageDef {
  const { variant, knowledge, positiveAbove, adapters = [] } = options;
  const more = (subject: Subject): readonly string[] => [
    ...tiersOf(knowledge, subject),
    ...(subject === "user" && showsUserAttributes(knowledge) ? ["users"] : []),
  ];
  const playsFinetuned = subjects.some((subject) => finetunedRoles(knowledge, subject).length > 0);
  const adaptersFor = (inputs: Catalog, subject: Subject): Catalog =>
    adapterParts(inputs, adapters, subject, finetunedRoles(knowledge, subject));
  const retry = policyOf(options.retry, asksByBatch(knowledge));
  return defineStage({
    name: stageFor("knowledge", variant),
    version: "4",
    module: "knowledge/knowledge-task",
    export: "produceKnowledge",
    config: { positiveAbove },
    runtime: toJson({ knowledge, positiveAbove, retry }),
    inputs: [
      ...["user_contexts", "item_contexts", "items", ...more("user")],
      ...(playsFinetuned ? ["adapters"] : []),
    ],
    outputs: tableNames(knowledgeTables),
    threads: asksModels(knowledge) ? "waiting" : 1,
    plan: (inputs) =>
      subjects.flatMap((subject) =>
        taskPerPart(
          `${subject}_contexts`,
          {
            ...pickTables(inputs, [`${subject}_contexts`, "items", ...more(subject)]),
            ...adaptersFor(inputs, subject),
          },
          toJson({ subject, variant, ...sideIdentity(knowledge, subject) }),
        ),
      ),
    retry,
    check: (parts) => {
      checkOutcomes(parts, {
        knowledge,
        tables: ["user_knowledge", "item_knowledge"],
        roleOf: ({ table }, role) =>
          watchedRole(
            knowledge,
            table === "user_knowledge" ? "user" : "item",
            role === "reflector" ? "reflector" : "actor",
          ),
      });
    },
  });
}

function tiersOf({ tiers }: KnowledgeSettings, subject: Subject): readonly "user_tiers"[] {
  return tiers !== undefined && subject === "user" ? ["user_tiers"] : [];
}
