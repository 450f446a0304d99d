import { z } from "zod";
import type { Database } from "../tables/database.ts";
import { sqlFile } from "../tables/sql-file.ts";
import type { TrialResult } from "./select-trials.ts";
import { variantRoles, type VariantRole } from "../base/terms.ts";

/** A row of `results`, as far as trials are chosen and compared by it. */
export interface TrialRow extends TrialResult {
  readonly role: VariantRole;
  /** Rows it says it has scored. */
  readonly testRows: number;
}

const trialRow = z
  .object({
    backbone: z.string(),
    variant: z.string(),
    trial: z.number(),
    seed: z.number(),
    role: z.enum(variantRoles),
    selected_on: z.enum(["valid", "test", "last"]),
    auc: z.number().nullable(),
    logloss: z.number(),
    valid_auc: z.number().nullable(),
    valid_logloss: z.number().nullable(),
    test_rows: z.number(),
  })
  .transform(({ selected_on, logloss, valid_auc, valid_logloss, test_rows, ...row }) => ({
    ...row,
    selectedOn: selected_on,
    logLoss: logloss,
    validAuc: valid_auc,
    validLogLoss: valid_logloss,
    testRows: test_rows,
  })) satisfies z.ZodType<TrialRow>;

/** Reads the view `results`, by backbone, variant, trial and seed. */
export async function loadTrialResults(db: Database): Promise<readonly TrialRow[]> {
  return z.array(trialRow).parse(await db.rows(sqlFile("train/trial_results")));
}
