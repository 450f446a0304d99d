/** @file Refuses settings of fine-tuning that need others, or contradict them. */
import type { z } from "zod";
import { subjects } from "../base/terms.ts";
import {
  adapterRoles,
  adaptersOf,
  ownTrainingOnly,
  type FinetuneSettings,
} from "../finetune/settings.ts";
import type { ConstructSettings } from "../knowledge/construct/settings.ts";
import {
  finetuned,
  finetunedRoles,
  finetunedSetting,
  isFinetuned,
  type FinetunedRole,
} from "../knowledge/finetuned.ts";
import { sideSettings, type KnowledgeSettings } from "../knowledge/settings.ts";
import type { PlayedAdapter } from "./elsewhere/played-adapters.ts";

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
    const setting = finetunedSetting(construct.teacher);
    const cure =
      setting === "adapter" ? "name the path of another, or leave it out" : "name another model";
    refuse(
      ["construct", "teacher", setting],
      `the run's adapters are trained on what the teacher writes, so it cannot have one of them; ${cure}`,
    );
  }
  if (finetune?.elsewhere === undefined && finetune?.adapters !== undefined) {
    refuse(
      ["finetune", "adapters"],
      "these are adapters that were trained elsewhere, and this run trains its own: add the trainer, such as elsewhere: trl, or leave them out",
    );
  }
  if (finetune?.elsewhere !== undefined) {
    for (const name of ownTrainingOnly(finetune)) {
      refuse(
        ["finetune", name],
        "only a training in the run follows this; folders for trainers elsewhere have the settings of the paper: leave it out, and change " +
          "it in the folder that the run writes",
      );
    }
  }
  for (const fault of adapterFaults(knowledge, finetune)) refuse(fault.path, fault.message);
}

/** A setting that cannot be as it is; `path` leads to it. */
export interface AdapterFault {
  readonly path: readonly string[];
  readonly message: string;
}

/** Roles that are to be played with adapters that nobody trains; one fault per setting. */
export function adapterFaults(
  knowledge: KnowledgeSettings,
  finetune: FinetuneSettings | undefined,
): readonly AdapterFault[] {
  const faults = subjects.flatMap((subject) =>
    finetunedRoles(knowledge, subject).flatMap((role) => {
      const setting = finetunedSetting(sideSettings(knowledge, subject)[role]);
      const message = missingTraining(role, setting, finetune);
      if (message === null) return [];
      const side = subject === "user" ? "users" : "items";
      const isOwn = knowledge[side][role] !== undefined;
      return { path: ["knowledge", ...(isOwn ? [side] : []), role, setting], message };
    }),
  );
  return [...new Map(faults.map((fault) => [fault.path.join("."), fault])).values()];
}

/** Why nobody trains the adapter of a role, with the cure; null where it is trained. */
function missingTraining(
  role: FinetunedRole,
  setting: "adapter" | "model",
  finetune: FinetuneSettings | undefined,
): string | null {
  const isLoaded = setting === "adapter";
  const other = isLoaded ? "name the path of an adapter" : "name a model of the server";
  if (finetune === undefined) {
    return isLoaded
      ? `${finetuned} means an adapter that this run trains, and it trains none: add a finetune block, such as finetune: { base: PATH }, or ${other}`
      : `${finetuned} means a model that is trained for this run, and none is: add a finetune block, such as finetune: { base: NAME, elsewhere: trl }, or ${other}`;
  }
  if (!isLoaded && finetune.elsewhere === undefined) {
    return (
      "an adapter that the run trains itself is played by provider gguf, with adapter: finetuned; for a server, say with which trainer the " +
      `model is trained, such as finetune.elsewhere: trl, or ${other}`
    );
  }
  const isTrained = adaptersOf(finetune).some((one) => one.role === role);
  return isTrained ? null : `finetune.reasonOnly trains no ${role}s: set it to false, or ${other}`;
}

/** What contradicts a training elsewhere, given every role that is played with what comes of it. */
export function elsewhereFaults(
  finetune: FinetuneSettings | undefined,
  played: readonly PlayedAdapter[],
): readonly AdapterFault[] {
  if (finetune?.elsewhere === undefined) return [];
  const { elsewhere, adapters } = finetune;
  if (played.length === 0) {
    return [
      {
        path: ["finetune", "elsewhere"],
        message:
          `no role is played with what comes of it: set adapter: ${finetuned} (provider gguf) or model: ${finetuned} (a server) in ` +
          "knowledge.actor or knowledge.reflector, or leave the finetune block out",
      },
    ];
  }
  const unplayed = subjects.flatMap((subject) =>
    adapterRoles.flatMap((role): readonly AdapterFault[] => {
      const side = subject === "user" ? "users" : "items";
      const isPlayed = played.some((one) => one.subject === subject && one.role === role);
      if (adapters?.[side][role] === undefined || isPlayed) return [];
      return [
        {
          path: ["finetune", "adapters", side, role],
          message:
            `no ${role} about ${subject}s is played with it: set adapter: ${finetuned} (provider gguf) or model: ${finetuned} (a server) ` +
            `in knowledge.${side}.${role} or knowledge.${role}, or leave it out`,
        },
      ];
    }),
  );
  const confused = played.flatMap(
    ({ subject, role, models, isServed }): readonly AdapterFault[] => {
      const path = ["finetune", "adapters", subject === "user" ? "users" : "items", role];
      if (isServed && models.length > 0) {
        const message = `one variant loads the ${role} about ${subject}s (provider gguf), another asks a server for it: play it in one way, so that this is either a path or a name`;
        return [{ path, message }];
      }
      if (elsewhere === "openai" && models.length > 0) {
        const message = `a model that OpenAI's service trains stays there, and the ${role} about ${subject}s is played by provider gguf: take provider openai with model: ${finetuned}, or another trainer`;
        return [{ path: ["finetune", "elsewhere"], message }];
      }
      return [];
    },
  );
  return [...unplayed, ...confused];
}
