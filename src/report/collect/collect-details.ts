import { z } from "zod";
import type { Activity, ActivityBin } from "../../page/activity-figure.ts";
import type { RatingCount } from "../../page/rating-figure.ts";
import type { Database } from "../../tables/database.ts";
import { collectExamples } from "./collect-examples.ts";
import { fillMissingTables } from "./fill-missing-tables.ts";
import { queryRows } from "./query-rows.ts";
import type { EpochPoint, ReportDetails } from "../report-details.ts";
import type { RunResults } from "../run-results.ts";

interface DetailOptions {
  /** Most users, and most items, shown as knowledge examples. Default 6. */
  readonly examples?: number;
}

/** Reads what only the page shows. Lists are empty for tables that the run does not have yet. */
export async function collectDetails(
  db: Database,
  results: RunResults,
  options: DetailOptions = {},
): Promise<ReportDetails> {
  const { examples = 6 } = options;
  await fillMissingTables(db);
  return {
    epochs: await queryRows(db, "training_curves", epochRow),
    ratings: await queryRows(db, "rating_counts", ratingRow),
    activity: await collectActivity(db, results),
    examples: [
      ...(await collectExamples(db, "user", examples)),
      ...(await collectExamples(db, "item", examples)),
    ],
  };
}

const epochRow = z
  .object({
    backbone: z.string(),
    variant: z.string(),
    trial: z.number(),
    seed: z.number(),
    epoch: z.number(),
    train_loss: z.number(),
    valid_auc: z.number().nullable(),
  })
  .transform((row): EpochPoint => ({
    backbone: row.backbone,
    variant: row.variant,
    trial: row.trial,
    seed: row.seed,
    epoch: row.epoch,
    trainLoss: row.train_loss,
    validAuc: row.valid_auc,
  }));

const ratingRow = z
  .object({ rating: z.number(), label: z.number(), interactions: z.number() })
  .transform((row): RatingCount => ({
    rating: row.rating,
    isLike: row.label === 1,
    interactions: row.interactions,
  }));

const activityRow = z
  .object({ bin_start: z.date(), role: z.string(), rows: z.number() })
  .transform((row): ActivityBin => ({ start: row.bin_start, role: row.role, rows: row.rows }));

/** Most bars per figure; readable on a phone. */
const activityBins = 48;
const msPerHour = 3_600_000;

async function collectActivity(db: Database, results: RunResults): Promise<Activity> {
  const { firstAt, lastAt } = results.dataset;
  if (firstAt === null || lastAt === null) return { binHours: 1, bins: [] };
  const hours = (Date.parse(lastAt) - Date.parse(firstAt)) / msPerHour;
  const binHours = Math.max(1, Math.ceil((hours + 1) / activityBins));
  const bins = await queryRows(db, "activity", activityRow, { bin_hours: binHours });
  return { binHours, bins };
}
