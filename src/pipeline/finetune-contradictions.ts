/** @file Refuses settings of fine-tuning that need others, or contradict them. */
import type { z } from "zod";
import { subjects } from "../base/terms.ts";
import { adaptersOf, type FinetuneSettings } from "../finetune/settings.ts";
import type { ConstructSettings } from "../knowledge/construct/settings.ts";
import { finetuned, finetunedRoles, isFinetuned } from "../knowledge/finetuned.ts";
import type { KnowledgeSettings } from "../knowledge/settings.ts";

interface Blocks {
  readonly knowledge: KnowledgeSettings;
  readonly construct?: ConstructSettings | undefined;
  readonly finetune?: FinetuneSettings | undefined;
}

/** Adds issues for fine-tuning without a teacher, and for roles whose adapters the run does not train. */
export function refuseFinetune(blocks: Blocks, context: z.core.$RefinementCtx): void {
  const { knowledge, construct, finetune } = blocks;
  const refuse = (path: readonly string[], message: string): void => {
    context.addIssue({ code: "custom", path: [...path], message });
  };
  if (finetune !== undefined && construct === undefined) {
    refuse(
      ["finetune"],
      "fine-tuning learns what a teacher wrote: add a construct block, such as construct: { teacher: { provider: openai, model: NAME } }",
    );
  }
  if (construct !== undefined && isFinetuned(construct.teacher)) {
    refuse(
      ["construct", "teacher", "adapter"],
      "the run's adapters are trained on what the teacher writes, so it cannot have one of them; name the path of another, or leave it out",
    );
  }
  for (const fault of adapterFaults(knowledge, finetune)) refuse(fault.path, fault.message);
}

/** A role that is to be played with an adapter that the run does not train; `path` leads to its setting. */
export interface AdapterFault {
  readonly path: readonly string[];
  readonly message: string;
}

/** One fault per setting; empty where all adapters are trained. */
export function adapterFaults(
  knowledge: KnowledgeSettings,
  finetune: FinetuneSettings | undefined,
): readonly AdapterFault[] {
  const trained = finetune === undefined ? [] : adaptersOf(finetune);
  const faults = subjects.flatMap((subject) =>
    finetunedRoles(knowledge, subject)
      .filter((role) => trained.every((one) => one.subject !== subject || one.role !== role))
      .map((role) => {
        const side = subject === "user" ? "users" : "items";
        const isOwn = knowledge[side][role] !== undefined;
        return {
          path: ["knowledge", ...(isOwn ? [side] : []), role, "adapter"],
          message:
            finetune === undefined
              ? `${finetuned} means an adapter that this run trains, and it trains none: add a finetune block, such as finetune: { base: PATH }, or name the path of an adapter`
              : `finetune.reasonOnly trains no ${role}s: set it to false, or name the path of an adapter`,
        };
      }),
  );
  return [...new Map(faults.map((fault) => [fault.path.join("."), fault])).values()];
}
