import type { z } from "zod";
import type { EncodeBlock } from "../encode/settings.ts";
import { sideSettings, withStrategy, type KnowledgeSettings } from "../knowledge/settings.ts";
import {
  variantFaults,
  variantsOf,
  vectorSources,
  type VariantSetting,
} from "../train/variants.ts";
import { cureFor } from "./explain-issue.ts";
import { furtherEncoders, variantsByEncoder } from "./with-encoders.ts";

interface Settings {
  readonly train: { readonly variants: VariantSetting[] };
  readonly knowledge: KnowledgeSettings;
  readonly encode: EncodeBlock;
}

/** Adds an issue for each fault in the list of variants, with the nearest known name where one is unknown. */
export function refuseVariants(
  { train, knowledge, encode }: Settings,
  context: z.core.$RefinementCtx,
): void {
  if (context.issues.length > 0) return; // what else is wrong may be the reason
  const added = variantsByEncoder({ encode, train }).filter(
    (variant) => !train.variants.includes(variant),
  );
  const variants = [...train.variants, ...added];
  const faults = variantFaults(variants, furtherEncoders(encode));
  for (const { place, key, message, unknown } of faults) {
    context.addIssue({
      code: "custom",
      path: ["train", "variants", place, ...(key === null ? [] : [key])],
      message:
        unknown === undefined ? message : `${message}; ${cureFor(unknown.name, [], unknown.known)}`,
    });
  }
  if (faults.length > 0) return;
  const asked = vectorSources(variantsOf(variants)).some(
    (source) => source.kind === "strategy" && source.strategy === "kar",
  );
  const kar = withStrategy(knowledge, "kar");
  const isProfiled = (["user", "item"] as const).some(
    (subject) => sideSettings(kar, subject).actor.provider === "profiler",
  );
  if (asked && isProfiled) {
    context.addIssue({
      code: "custom",
      path: ["train", "variants"],
      message:
        "kar asks for one chain of thought, and the built-in profiler is no language model; " +
        "name a chat model as knowledge.actor, or leave kar out",
    });
  }
}
