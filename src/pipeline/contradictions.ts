/** @file Refuses settings that are valid on their own but contradict one another. */
import type { z } from "zod";
import type { Protocol } from "../base/terms.ts";
import { instantUs, samplesSettings, type SamplesSettings } from "../dataset/settings.ts";

/** Adds an issue for a grid under a protocol that cannot choose among its trials. */
export function refuseGrid(
  { protocol, train }: { readonly protocol: Protocol; readonly train: { readonly grid: object } },
  context: z.core.$RefinementCtx,
): void {
  if (protocol !== "paper" || Object.keys(train.grid).length === 0) return;
  context.addIssue({
    code: "custom",
    path: ["train", "grid"],
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
