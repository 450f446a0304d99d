import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import type { Database } from "../../tables/database.ts";
import type { Protocol } from "../../base/terms.ts";

/** The part of the stages' `runtime` that this check reads: what to say of labels that are all equal. */
export const labelRuntime = z.object({
  labelCure: z.string().default("check dataset.positiveAbove"),
});

/**
 * Checks that every split of `samples` can be trained or measured on.
 *
 * @throws `INPUT_INVALID` for a split without rows, or whose rows all have the same label
 */
export async function refuseEmptySplits(
  db: Database,
  protocol: Protocol,
  { labelCure }: z.output<typeof labelRuntime>,
): Promise<void> {
  const expected = protocol === "leakfree" ? ["train", "valid", "test"] : ["train", "test"];
  const found = await db.rows(
    "select split, count(*) as n, avg(label) as rate from samples group by split",
  );
  for (const split of expected) {
    const row = found.find((candidate) => candidate["split"] === split);
    if (row === undefined) {
      throw new FlowError(
        "INPUT_INVALID",
        `protocol ${protocol} leaves no ${split} rows: there is too little data, or it spans too little time. ` +
          "Use more data, a smaller contexts.history, or a different samples.testShare and samples.validShare.",
      );
    }
    if (row["rate"] === 0 || row["rate"] === 1) {
      throw new FlowError(
        "INPUT_INVALID",
        `all ${String(row["n"])} ${split} rows have label ${String(row["rate"])}, so AUC is undefined; ${labelCure}`,
      );
    }
  }
}
