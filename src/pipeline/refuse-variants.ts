import type { z } from "zod";
import { variantFaults, type VariantSetting } from "../train/variants.ts";
import { cureFor } from "./explain-issue.ts";

/** Adds an issue for each fault in the list of variants, with the nearest known name where one is unknown. */
export function refuseVariants(
  { train }: { readonly train: { readonly variants: readonly VariantSetting[] } },
  context: z.core.$RefinementCtx,
): void {
  if (context.issues.length > 0) return; // what else is wrong may be the reason
  for (const { place, key, message, unknown } of variantFaults(train.variants)) {
    context.addIssue({
      code: "custom",
      path: ["train", "variants", place, ...(key === null ? [] : [key])],
      message:
        unknown === undefined ? message : `${message}; ${cureFor(unknown.name, [], unknown.known)}`,
    });
  }
}
