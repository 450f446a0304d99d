import { z } from "zod";
import type { Json } from "../base/json.ts";
import { budgetSettings, priceSettings } from "../llm/settings.ts";

/** The run's limits and prices, for tasks that ask a server. */
export const spendingSettings = z.strictObject({
  answers: z.string().optional().describe("folder of cached answers, which record the spending"),
  budget: budgetSettings,
  prices: priceSettings,
});

/** See {@link spendingSettings}. */
export type SpendingSettings = z.infer<typeof spendingSettings>;

/** The spending settings of a task that encodes: `runtime.spending`. */
export function spendingOf({ runtime }: { readonly runtime: Json }): SpendingSettings {
  const { spending } = z.object({ spending: spendingSettings.optional() }).parse(runtime ?? {});
  return spending ?? { budget: {}, prices: {} };
}
