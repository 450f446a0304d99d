import { open } from "node:fs/promises";
import { isUtf8 } from "node:buffer";
import { FlowError, SqlError } from "../../errors.ts";
import type { Database, SqlParams } from "../../tables/database.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import type { MovielensSettings } from "../settings.ts";
import type { LoadSource } from "../source.ts";
import { findMovielens, type MovielensFiles } from "./layout.ts";

/** Loads a MovieLens folder of any published layout. */
export function loadMovielens({ path }: Pick<MovielensSettings, "path">): LoadSource {
  return async (db) => {
    const files = await findMovielens(path);
    await loadRatings(db, files);
    await loadItems(db, files);
    await loadUsers(db, files);
    return { name: files.ratings, firstLine: files.layout.firstLine };
  };
}

async function loadRatings(db: Database, { ratings, layout }: MovielensFiles): Promise<void> {
  const range = { min_rating: layout.ratingRange[0], max_rating: layout.ratingRange[1] };
  await createTable(db, "ratings_text", layout.ratingsSql, { path: ratings }, ratings);
  await createTable(db, "source_interactions", "ingest/ratings_typed", range, ratings);
  const [counts] = await db.rows(
    "select count(*) as lines, count(*) filter (user_id is null or item_id is null or rating is null or ts is null) as faults from source_interactions",
  );
  if (counts?.["lines"] === 0) throw new FlowError("INPUT_INVALID", `${ratings} holds no ratings`);
  if (counts?.["faults"] !== 0) {
    const params = { ...range, first_line: layout.firstLine, limit: 3 };
    const faults = await db.rows(sqlFile("ingest/rating_faults"), params);
    const shown = faults.map(
      (fault) =>
        `  line ${String(fault["line"])}: ${String(fault["reason"])}: ${String(fault["content"])}`,
    );
    throw new FlowError(
      "INPUT_INVALID",
      `${ratings}: ${String(counts?.["faults"])} faulty line(s):\n${shown.join("\n")}\nMend or remove them and run again.`,
    );
  }
  await db.run("drop table ratings_text");
}

async function loadItems(db: Database, { items, layout }: MovielensFiles): Promise<void> {
  const params = { path: items, encoding: await encodingOf(items) };
  await createTable(db, "source_titles", layout.itemsSql, params, items);
  await createTable(db, "source_items", "ingest/items", {}, items);
}

async function loadUsers(db: Database, { users, layout }: MovielensFiles): Promise<void> {
  if (users === undefined || layout.users === undefined) {
    await db.run("create table source_users (user_id integer, attributes map(varchar, varchar[]))");
  } else {
    await createTable(db, "source_users", layout.users.sql, { path: users }, users);
  }
}

async function createTable(
  db: Database,
  table: string,
  file: string,
  params: SqlParams,
  path: string,
): Promise<void> {
  try {
    await db.run(`create table ${table} as ${sqlFile(file)}`, params);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw new FlowError("INPUT_INVALID", `${path} cannot be read: ${firstLines(error.message)}`, {
      cause: error,
    });
  }
}

/** DuckDB appends a page of option listings to CSV errors; the first lines say what and where. */
function firstLines(message: string): string {
  return message.split("\n").slice(0, 3).join(" ");
}

/** GroupLens publishes the old files in latin-1 and the new ones in UTF-8. */
async function encodingOf(path: string): Promise<"utf-8" | "latin-1"> {
  if (path.endsWith(".gz")) return "utf-8";
  const file = await open(path);
  try {
    return isUtf8(await file.readFile()) ? "utf-8" : "latin-1";
  } finally {
    await file.close();
  }
}
