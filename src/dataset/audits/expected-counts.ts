import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import type { Database } from "../../tables/database.ts";

const count = z.int().min(0).optional();

/** `expect:` of a pipeline file. */
export const expectSettings = z
  .strictObject({
    users: count.describe("Users with at least one interaction."),
    items: count.describe("Items with at least one interaction."),
    train: count.describe("Training rows."),
    valid: count.describe("Validation rows."),
    test: count.describe("Test rows."),
  })
  .describe(
    "Counts that the data must have, as published ones do: with others the run stops once the rows are split, before any model is asked.",
  );
export type ExpectedCounts = z.infer<typeof expectSettings>;

/**
 * Checks users, items and rows of `interactions` and `samples`.
 *
 * @throws `INPUT_INVALID` naming each count that differs, expected and found
 */
export async function refuseOtherCounts(db: Database, expected: ExpectedCounts): Promise<void> {
  const [found] = await db.rows(`select
    (select count(distinct user_id) from interactions) as users,
    (select count(distinct item_id) from interactions) as items,
    count(*) filter (split = 'train') as train,
    count(*) filter (split = 'valid') as valid,
    count(*) filter (split = 'test') as test
    from samples`);
  const differences = Object.entries(expected).flatMap(([name, wanted]) => {
    const has = Number(found?.[name]);
    return wanted === undefined || has === wanted
      ? []
      : [`${name}: ${formatted(wanted)} expected, ${formatted(has)} found`];
  });
  if (differences.length === 0) return;
  throw new FlowError(
    "INPUT_INVALID",
    `the data are not those whose counts expect names: ${differences.join("; ")}. ` +
      "The saved query ingest_steps says which rows were left out and why. " +
      "Use the files and settings that the counts are of, or change expect (expect: {} checks nothing).",
  );
}

function formatted(value: number): string {
  return value.toLocaleString("en-US");
}
