import { FlowError } from "../../base/errors.ts";
import type { Database, Row } from "../../tables/database.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import type { SourceRows } from "../sources/source.ts";

/** Most possible pairs of ids to mark in a bitmap, 16 MiB per thread; for more a hash table is used, which is half as fast. */
const mostMarks = 2 ** 27;

/** A query that tells whether all pairs of user and item are distinct. */
async function distinctPairs(db: Database): Promise<string> {
  const [most] = await db.rows(
    "select max(user_id)::double as user_id, max(item_id)::double as item_id from source_interactions",
  );
  const items = Number(most?.["item_id"]) + 1;
  const marks = (Number(most?.["user_id"]) + 1) * items;
  const distinct =
    marks <= mostMarks
      ? `bit_count(bitstring_agg(user_id::bigint * ${items} + item_id, 0, ${marks}))`
      : "count(distinct (user_id::bigint << 32) | item_id)";
  return `select count(*) = ${distinct} as are_distinct from source_interactions`;
}

/** Checks that no event of `source_interactions` occurs twice. */
export async function refuseDuplicates(db: Database, source: SourceRows): Promise<void> {
  if (await hasNoRepeats(db)) return;
  const found = await db.rows(`${repeatsQuery} order by last_line`, {
    first_line: source.firstLine,
  });
  await refuseRepeats(db, source, found);
}

/** Whether no user of `source_interactions` has an item twice, so that no event occurs twice: cheaper to see than repeated events. */
export async function hasNoRepeats(db: Database): Promise<boolean> {
  const [pairs] = await db.rows(await distinctPairs(db));
  return pairs?.["are_distinct"] === true;
}

/** The first events of `source_interactions` that occur twice. */
const repeatsQuery = `select * from (\n${sqlFile("ingest/duplicates")}\n)`;

/**
 * Stops for repeated events, if there are any, with the source's names of their users and items.
 *
 * @param found - As `ingest/duplicates` gives them, in the order of their last rows
 */
export async function refuseRepeats(
  db: Database,
  source: Pick<SourceRows, "name" | "describeRow">,
  found: readonly Row[],
): Promise<void> {
  const { describeRow = (line) => Promise.resolve(`line ${line}`) } = source;
  const lines: string[] = [];
  for (const { user_id, item_id, first_line, last_line } of found) {
    const [names] = await db.rows(
      `select source_user_id(${Number(user_id)}) as user_id, source_item_id(${Number(item_id)}) as item_id`,
    );
    lines.push(
      `${await describeRow(Number(last_line))} repeats ${await describeRow(Number(first_line))}: ` +
        `user ${String(names?.["user_id"])}, item ${String(names?.["item_id"])}, same time`,
    );
  }
  const cure = source.describeRow
    ? "remove the duplicates, or keep one of each with --set dataset.duplicates=first, last or max."
    : "remove the duplicates.";
  refuseFaults(source, lines, `Every (user, item, time) may occur once; ${cure}`);
}

/** Stops for faults of the interactions, one per line. */
export function refuseFaults(
  source: Pick<SourceRows, "name">,
  faults: readonly string[],
  cure: string,
): void {
  if (faults.length === 0) return;
  const lines = faults.map((fault) => `  ${fault}`);
  throw new FlowError("INPUT_INVALID", `${source.name}:\n${lines.join("\n")}\n${cure}`);
}
