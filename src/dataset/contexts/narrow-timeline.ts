import type { Catalog } from "../../flow/stage.ts";
import type { TaskContext } from "../../flow/task.ts";
import type { Database } from "../../tables/database.ts";
import { mountTables } from "../../tables/mount-tables.ts";
import { sqlFile } from "../../tables/sql-file.ts";

/** Candidates to collect since the last merge, at least, before merging again. */
const unmergedRows = 1_000_000;

export interface NarrowTimelineOptions {
  /** Maximum number of events in a history. */
  readonly history: number;
  readonly seed: number;
}

/**
 * Extracts from a timeline of several parts what `contexts/item_contexts` needs: the table `candidates` and, as the view `timeline`, the
 * rows of their histories.
 *
 * Reads one part at a time, first for the candidates, then for their histories. Memory grows with the items, not with the timeline:
 * candidates are reduced to the best whenever their number has doubled.
 */
export async function narrowTimeline(
  db: Database,
  parts: readonly Catalog[],
  { history, seed }: NarrowTimelineOptions,
  { runDir }: Pick<TaskContext, "runDir">,
): Promise<void> {
  const eachPart = async (work: (isFirst: boolean) => Promise<void>): Promise<void> => {
    for (const [place, { timeline = [] }] of parts.entries()) {
      await mountTables(db, { timeline }, runDir);
      await work(place === 0);
    }
  };
  let merged = 0;
  await eachPart(async (isFirst) => {
    const into = isFirst ? "create table candidates as" : "insert into candidates";
    await db.run(`${into}\n${sqlFile("contexts/item_candidates")}`, { seed });
    if ((await countRows(db)) <= 2 * merged + unmergedRows) return;
    await mergeCandidates(db);
    merged = await countRows(db);
  });
  await mergeCandidates(db);
  await eachPart(async (isFirst) => {
    const into = isFirst ? "create table histories as" : "insert into histories";
    await db.run(`${into}\n${sqlFile("contexts/candidate_histories")}`, { history });
  });
  await db.run("create or replace view timeline as from histories");
}

async function mergeCandidates(db: Database): Promise<void> {
  await db.run(
    "create or replace table candidates as select item_id, label, min(drawn) as drawn from candidates group by all",
  );
}

async function countRows(db: Database): Promise<number> {
  const [counted] = await db.rows("select count(*) as rows from candidates");
  return Number(counted?.["rows"]);
}
