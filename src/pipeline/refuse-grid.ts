import type { z } from "zod";
import type { Protocol } from "../base/terms.ts";

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
