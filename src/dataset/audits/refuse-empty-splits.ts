import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import type { Database } from "../../tables/database.ts";
import type { Protocol } from "../../base/terms.ts";

/** The part of the stages' `runtime` that this check reads: what to say of labels that are all equal, and of splits without rows. */
export const splitRuntime = z.object({
  labelCure: z.string().default("check dataset.positiveAbove"),
  splitCure: z.string().default("Use more data or a smaller contexts.history."),
});

/** What is said of faults of splits. */
export type SplitCures = z.output<typeof splitRuntime>;

/** How many rows a split has, and the share of them with label 1. */
export interface SplitCount {
  readonly split: string;
  readonly rows: number;
  readonly positiveShare: number;
}

/** Why a split cannot be trained or measured on: it has no rows, or all its rows have the same label. Empty where all can. */
export function splitFaultsOf(
  counts: readonly SplitCount[],
  protocol: Protocol,
  { labelCure, splitCure }: SplitCures,
): readonly string[] {
  const expected = protocol === "leakfree" ? ["train", "valid", "test"] : ["train", "test"];
  return expected.flatMap((split) => {
    const { rows = 0, positiveShare = 0 } = counts.find((count) => count.split === split) ?? {};
    if (rows === 0) {
      return [
        `protocol ${protocol} leaves no ${split} rows: there is too little data, or it spans too little time. ${splitCure}`,
      ];
    }
    return positiveShare === 0 || positiveShare === 1
      ? [`all ${rows} ${split} rows have label ${positiveShare}, so AUC is undefined; ${labelCure}`]
      : [];
  });
}

/**
 * Checks that every split of `samples` can be trained or measured on.
 *
 * @throws `INPUT_INVALID` for a split without rows, or whose rows all have the same label
 */
export async function refuseEmptySplits(
  db: Database,
  protocol: Protocol,
  cures: SplitCures,
): Promise<void> {
  const counts = await countSplits(db, "select split, label from samples");
  const [fault] = splitFaultsOf(counts, protocol, cures);
  if (fault !== undefined) throw new FlowError("INPUT_INVALID", fault);
}

/** @param rows - A query of `split, label` */
export async function countSplits(db: Database, rows: string): Promise<readonly SplitCount[]> {
  const found = await db.rows(
    `select split, count(*) as n, avg(label) as rate from (\n${rows}\n) group by split`,
  );
  return found.map(({ split, n, rate }) => ({
    ...{ split: String(split), rows: Number(n), positiveShare: Number(rate) },
  }));
}
