import { z } from "zod";
import type { Database } from "../tables/database.ts";
import { sqlFile } from "../tables/sql-file.ts";
import type { TrialResult } from "./select-trials.ts";
import { variantRoles, type VariantRole } from "../base/terms.ts";

/** The columns of `results` that trials are selected and compared by. */
export interface TrialRow extends TrialResult {
  readonly role: VariantRole;
  /** Number of test rows according to `results`. */
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

/** Loads the view `results`, ordered by backbone, variant, trial and seed. */
export async function loadTrialResults(db: Database): Promise<readonly TrialRow[]> {
  return z.array(trialRow).parse(await db.rows(sqlFile("experiments/trial_results")));
}
