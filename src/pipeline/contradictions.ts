/** @file Refuses settings that are valid on their own but contradict one another. */
import type { z } from "zod";
import type { Protocol } from "../base/terms.ts";
import {
  instantUs,
  samplesSettings,
  type DatasetSettings,
  type SamplesSettings,
} from "../dataset/settings.ts";
import { sourceOf } from "../dataset/sources/registry.ts";
import type { KnowledgeSettings } from "../knowledge/settings.ts";

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

/** Adds an issue for a best rating that the dataset cannot have: it has no ratings, or all of them would count as disliked. */
export function refuseScale(
  {
    dataset,
    knowledge,
  }: { readonly dataset: DatasetSettings; readonly knowledge: KnowledgeSettings },
  context: z.core.$RefinementCtx,
): void {
  const { scale } = knowledge;
  if (typeof scale !== "number") return;
  const refuse = (message: string): void => {
    context.addIssue({ code: "custom", path: ["knowledge", "scale"], message });
  };
  if (sourceOf(dataset).words(dataset).scale === "none") {
    refuse("the interactions hold no ratings that could reach it; leave knowledge.scale out");
  } else if (scale <= dataset.positiveAbove) {
    refuse(
      `the best rating must lie above dataset.positiveAbove (${dataset.positiveAbove}), or nothing would count as liked; raise it, or lower dataset.positiveAbove`,
    );
  }
}

/** Adds an issue for user attributes that the source does not have. */
export function refuseUserAttributes(
  {
    dataset,
    knowledge,
  }: { readonly dataset: DatasetSettings; readonly knowledge: KnowledgeSettings },
  context: z.core.$RefinementCtx,
): void {
  const { userAttributes } = knowledge;
  if (userAttributes === "all") return;
  const known = sourceOf(dataset).attributes(dataset).user;
  const unknown = userAttributes.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  context.addIssue({
    code: "custom",
    path: ["knowledge", "userAttributes"],
    message: `users have no ${unknown.join(", ")}; they have: ${known.join(", ") || "no attributes (dataset.users names files that do)"}`,
  });
}
