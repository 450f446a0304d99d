import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import type { RunTask } from "../../flow/task.ts";
import { type Database, type SqlParams, withDatabase } from "../../tables/database.ts";
import { mountTables } from "../../tables/mount-tables.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { writeQuery } from "../../tables/write-query.ts";
import { instantAtRank } from "./instant-at-rank.ts";
import { settingsInForce } from "./split-cure.ts";
import { gapUs, instantUs, protocolSetting, samplesSettings } from "../settings.ts";

const cutsConfig = z.object({ protocol: protocolSetting, samples: samplesSettings });
type CutsConfig = z.infer<typeof cutsConfig>;

/** The instants that separate the splits, microseconds since 1970. `valid` is null for protocols without validation. */
interface Cuts {
  readonly trainUntilUs: bigint;
  readonly valid: { readonly fromUs: bigint; readonly untilUs: bigint } | null;
  readonly testFromUs: bigint;
}

/**
 * Finds the instants at which `leakfree` and `paper` split all interactions: writes `cuts`.
 *
 * A cut by share follows the last instant of the earlier part, and the gap comes after it; a date is the first instant of the later part,
 * and the gap comes before it.
 *
 * @throws `INPUT_INVALID` when dates and shares leave no time for a split
 */
export const makeCuts: RunTask = async (task, context) => {
  const config = cutsConfig.parse(task.config);
  return withDatabase(context, async (db) => {
    await mountTables(db, task.inputs, context.runDir);
    const params = await cutsParams(db, config);
    return [await writeQuery(db, "cuts", sqlFile("cuts/cuts"), params, context)];
  });
};

/** Finds the cuts of `interactions`: the parameters of `cuts/cuts`, all null without interactions. */
export async function cutsParams(db: Database, config: CutsConfig): Promise<SqlParams> {
  const cuts = await findCuts(db, config);
  const text = (us: bigint | undefined): string | null => (us === undefined ? null : String(us));
  return {
    train_until: text(cuts?.trainUntilUs),
    valid_from: text(cuts?.valid?.fromUs),
    valid_until: text(cuts?.valid?.untilUs),
    test_from: text(cuts?.testFromUs),
  };
}

async function findCuts(db: Database, { protocol, samples }: CutsConfig): Promise<Cuts | null> {
  const gap = gapUs(samples);
  const testFrom = instantUs(samples.testFrom);
  const validFrom = instantUs(samples.validFrom);
  const beforeTest = testFrom === undefined ? undefined : testFrom - gap - 1n;
  const [span] = await db.rows(sqlFile("cuts/span"), {
    until_us: beforeTest === undefined ? null : String(beforeTest),
  });
  const events = Number(span?.["events"]);
  if (events === 0) return null;
  const stretch = {
    fromUs: microseconds(span?.["first_us"]),
    untilUs: microseconds(span?.["last_us"]),
  };
  const find = (rank: number): Promise<bigint> => instantAtRank(db, stretch, rank);
  const untilTest = beforeTest ?? (await find(rankBehind(events, [samples.testShare])));
  const testFromUs = testFrom ?? untilTest + gap + 1n;
  if (protocol === "paper") return { trainUntilUs: untilTest, valid: null, testFromUs };

  const trainUntilUs =
    validFrom !== undefined
      ? validFrom - gap - 1n
      : testFrom === undefined
        ? await find(rankBehind(events, [samples.testShare, samples.validShare]))
        : await find(
            Math.max(
              1,
              Number(span?.["events_until"]) - (events - rankBehind(events, [samples.validShare])),
            ),
          );
  const fromUs = validFrom ?? trainUntilUs + gap + 1n;
  if (fromUs > untilTest && (validFrom ?? testFrom ?? samples.gap) !== undefined) {
    throw new FlowError(
      "INPUT_INVALID",
      `no time is left for validation: it would start at ${textOf(fromUs)} and end at ${textOf(untilTest)}. ` +
        `Check ${settingsInForce(protocol, samples).join(", ")}.`,
    );
  }
  return { trainUntilUs, valid: { fromUs, untilUs: untilTest }, testFromUs };
}

/** Rank of the last event before the given final shares, at least 1. In integers: in doubles 0.7 of ten rows may be six. */
function rankBehind(events: number, shares: readonly number[]): number {
  const billionths = shares.reduce((sum, share) => sum + BigInt(Math.round(share * 1e9)), 0n);
  return Math.max(1, events - Number((BigInt(events) * billionths) / 1_000_000_000n));
}

function microseconds(value: unknown): bigint {
  if (typeof value === "number" || typeof value === "bigint") return BigInt(value);
  throw new Error(`internal: expected microseconds, got ${String(value)}`);
}

function textOf(us: bigint): string {
  return new Date(Number(us / 1000n)).toISOString();
}
