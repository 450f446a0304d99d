import { z } from "zod";
import type { Json } from "../base/json.ts";
import { budgetSettings, priceSettings } from "../llm/settings.ts";

/** What a task that asks a server needs to know of the whole run. */
export const spendingSettings = z.strictObject({
  answers: z
    .string()
    .optional()
    .describe("folder of the model's answers, which count what is spent"),
  budget: budgetSettings,
  prices: priceSettings,
});

/** See {@link spendingSettings}. */
export type SpendingSettings = z.infer<typeof spendingSettings>;

/** The run's spending as a task that encodes has it: `runtime.spending`. */
export function spendingOf({ runtime }: { readonly runtime: Json }): SpendingSettings {
  const { spending } = z.object({ spending: spendingSettings.optional() }).parse(runtime ?? {});
  return spending ?? { budget: {}, prices: {} };
}
