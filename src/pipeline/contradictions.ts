/** @file Refuses settings that are valid on their own but contradict one another. */
import type { z } from "zod";
import type { Protocol } from "../base/terms.ts";
import { instantUs, samplesSettings, type SamplesSettings } from "../dataset/settings.ts";
import type { EncodeBlock } from "../encode/settings.ts";
import { sideSettings, withStrategy, type KnowledgeSettings } from "../knowledge/settings.ts";
import {
  variantFaults,
  variantsOf,
  vectorSources,
  type VariantSetting,
} from "../train/variants.ts";
import { cureFor } from "./explain-issue.ts";
import { furtherEncoders, variantsByEncoder } from "./variants-by-encoder.ts";

interface VariantBlocks {
  readonly train: { readonly variants: readonly VariantSetting[] };
  readonly knowledge: KnowledgeSettings;
  readonly encode: EncodeBlock;
}

/** Adds an issue for each fault in the list of variants, with the nearest known name where one is unknown. */
export function refuseVariants(
  { train, knowledge, encode }: VariantBlocks,
  context: z.core.$RefinementCtx,
): void {
  if (context.issues.length > 0) return; // what else is wrong may be the reason
  const added = variantsByEncoder(train.variants, encode).filter(
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

/** Adds an issue for a grid or search under a protocol that cannot choose among its trials. */
export function refuseTrials(
  {
    protocol,
    train: { grid, search },
  }: {
    readonly protocol: Protocol;
    readonly train: { readonly grid: object; readonly search?: object | undefined };
  },
  context: z.core.$RefinementCtx,
): void {
  if (protocol !== "paper") return;
  if (search === undefined && Object.keys(grid).length === 0) return;
  context.addIssue({
    code: "custom",
    path: ["train", search === undefined ? "grid" : "search"],
    message:
      "protocol paper has no split that could choose one of its trials; set the values under train, or use protocol leakfree",
  });
}

/** Adds issues for dates and gaps that the protocol has no use for, or that contradict one another or a share. */
export function refuseSplits(
  { protocol, samples }: { readonly protocol: Protocol; readonly samples: SamplesSettings },
  context: z.core.$RefinementCtx,
): void {
  const refuse = (key: keyof SamplesSettings, message: string): void => {
    context.addIssue({ code: "custom", path: ["samples", key], message });
  };
  const { validFrom, testFrom, gap } = samples;
  if (protocol === "reference") {
    const cure = "which splits each user apart; use protocol leakfree or paper";
    if (validFrom !== undefined) refuse("validFrom", `protocol reference takes no date, ${cure}`);
    if (testFrom !== undefined) refuse("testFrom", `protocol reference takes no date, ${cure}`);
    if (gap !== undefined) refuse("gap", `protocol reference takes no gap, ${cure}`);
    return;
  }
  if (protocol === "paper" && validFrom !== undefined) {
    refuse("validFrom", "protocol paper has no validation rows; use protocol leakfree");
  }
  const { testShare, validShare } = samplesSettings.parse({});
  const both = (date: string, share: string): string =>
    `samples.${date} and samples.${share} both say where the split begins; leave one of them out`;
  if (testFrom !== undefined && samples.testShare !== testShare) {
    refuse("testFrom", both("testFrom", "testShare"));
  }
  if (validFrom !== undefined && samples.validShare !== validShare) {
    refuse("validFrom", both("validFrom", "validShare"));
  }
  const [from, until] = [instantUs(validFrom), instantUs(testFrom)];
  if (from !== undefined && until !== undefined && from >= until) {
    refuse("validFrom", "samples.validFrom must lie before samples.testFrom");
  }
}
