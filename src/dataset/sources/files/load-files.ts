import { FlowError } from "../../../base/errors.ts";
import type { Database } from "../../../tables/database.ts";
import { nameDamagedFile } from "../../../tables/files/name-damaged-file.ts";
import { sqlFile } from "../../../tables/sql-file.ts";
import type { SourceRows, SourceSite } from "../source.ts";
import { addRejects, byReason, countReasons, keepBadRows, refuseBadRows } from "./bad-rows.ts";
import { createView } from "./create-view.ts";
import { refuseUnknownEvents } from "./checks/event-types.ts";
import { filesOf, type SourceFiles } from "./fingerprint-files.ts";
import { findDuplicates, repeated } from "./find-duplicates.ts";
import { keepCore } from "./keep-core.ts";
import { openItems, openUsers, type LoadMetadataOptions } from "./load-metadata.ts";
import { numberRows, sampleUsers } from "./number-rows.ts";
import type { OpenedFiles } from "./open-files.ts";
import { usesDictionary } from "./columns/find-typing.ts";
import { openInteractions, type OpenedInteractions } from "./open-interactions.ts";
import { refuseUnknownItems } from "./metadata/refuse-unknown-items.ts";
import { ledgerText, makeCounts, rowLedger, type RowLedger } from "./row-ledger.ts";
import type { FilesSettings } from "./settings.ts";

export interface LoadFilesOptions extends Pick<LoadMetadataOptions, "cleaned" | "attributes"> {
  /** Current time, milliseconds since 1970. */
  readonly now?: () => number;
  /** Loads even where `columns.positiveEvents` names types that do not occur. */
  readonly allowsUnknownEvents?: boolean;
}

/**
 * Loads interactions, items and users from files. Parquet files with integer ids, of which every valid row is kept, are read in place:
 * `source_interactions` is then a view over them. Otherwise the rows are copied to Parquet in `site.tempDir`.
 *
 * @throws `INPUT_INVALID` for data that the settings do not allow: bad rows, items without metadata, nothing left
 */
export async function loadFiles(
  db: Database,
  settings: FilesSettings,
  site: SourceSite,
  options: LoadFilesOptions = {},
): Promise<SourceRows> {
  const files = await filesOf(settings);
  const parquet = [...files.interactions, ...files.items, ...files.users]
    .filter(({ format, bytes }) => format === "parquet" && bytes !== null)
    .map(({ path }) => path);
  return nameDamagedFile(db, parquet, () => loadFound(db, settings, files, site, options));
}

async function loadFound(
  db: Database,
  settings: FilesSettings,
  files: SourceFiles,
  site: SourceSite,
  options: LoadFilesOptions,
): Promise<SourceRows> {
  const { now = Date.now, allowsUnknownEvents = false, ...forms } = options;
  const name = [settings.interactions].flat().join(", ");
  await makeRejects(db);
  const interactions = await openInteractions(db, {
    ...{ files: files.interactions, settings, site, nowMs: now() },
    keepsContent: dropsRows(settings),
  });
  const { opened, typing } = interactions;
  if (!allowsUnknownEvents) await refuseUnknownEvents(db, settings, files.interactions);
  const ledger = await judgeInteractions(db, interactions, settings);
  ledger.drop("sampling", "not of the sample", await sampleUsers(db, settings, ledger.left()));
  const isJoined = usesDictionary(typing) || dropsRows(settings);
  await numberRows(db, typing, isJoined, site);
  const { csv, missingValues } = settings;
  const metadata = { csv, missingValues, site, ...forms };
  const nameRow = (row: number): Promise<string> => describeRow(db, opened, row);
  await loadCatalogue(db, settings, { ...metadata, files: files.items, kind: typing.item });
  await dropUnknownItems(db, settings, ledger, nameRow);
  await dropRows(db, settings, ledger);
  const lines = ledger.lines();
  if (ledger.left() === 0) {
    throw new FlowError("INPUT_INVALID", `${name}: no interactions are left\n${ledgerText(lines)}`);
  }
  await db.run(`create or replace table source_items as ${sqlFile("source/items")}`);
  await loadUsers(db, settings, { ...metadata, files: files.users, kind: typing.user });
  await addRejects(db, sqlFile("source/dropped_rows"), "interactions", opened);
  await makeCounts(db, lines);
  return {
    name,
    firstLine: 0,
    rows: ledger.left(),
    accountedRows: ledger.left(),
    isUnordered: isJoined || opened.isUnordered,
    describeRow: nameRow,
    mapping: interactions.mapping,
    tables: {
      rejects: "select * from source_rejects",
      ingest_counts: "select * from source_counts",
      ...(typing.user === "dictionary" && { user_dictionary: "select * from user_dictionary" }),
      ...(typing.item === "dictionary" && { item_dictionary: "select * from item_dictionary" }),
    },
  };
}

/** Creates the empty tables `source_rejects`, for all rows left out, and `dropped`, for valid ones. */
async function makeRejects(db: Database): Promise<void> {
  await db.run(
    "create or replace table source_rejects (source varchar, file varchar, line bigint, reason varchar, content varchar)",
  );
  await db.run("create or replace table dropped (file_row bigint, reason varchar)");
}

/** Whether the settings may drop valid rows. */
function dropsRows({ items, duplicates, kCore }: FilesSettings): boolean {
  return items?.missing === "drop" || duplicates !== "error" || kCore !== undefined;
}

async function judgeInteractions(
  db: Database,
  { opened, counts }: OpenedInteractions,
  settings: FilesSettings,
): Promise<RowLedger> {
  const ledger = rowLedger(counts.reduce((sum, { rows }) => sum + rows, 0));
  if (ledger.rowsRead === 0) {
    throw new FlowError("INPUT_INVALID", `${opened.files[0]?.path ?? ""} holds no interactions`);
  }
  await refuseBadRows(db, "source_checked", counts, opened, settings);
  await keepBadRows(db, "source_checked", "interactions", opened);
  for (const [reason, rows] of byReason(counts)) ledger.drop("bad row", reason, rows);
  return ledger;
}

/** Creates the table `catalogue(item_id, title, year, attributes)` of the item file. */
async function loadCatalogue(
  db: Database,
  settings: FilesSettings,
  options: LoadMetadataOptions,
): Promise<void> {
  if (settings.items === undefined) {
    await db.run(
      "create or replace table catalogue (item_id integer, title varchar, year smallint, attributes map(varchar, varchar[]))",
    );
    return;
  }
  const opened = await openItems(db, settings.items, options);
  await judgeMetadata(db, "items", opened, settings);
  await db.run(
    `create or replace table catalogue as select ${numbered("item", options)}, title, year, attributes from ${checked("item", options)}`,
  );
}

/** Creates the table `source_users(user_id, attributes)`. */
async function loadUsers(
  db: Database,
  settings: FilesSettings,
  options: LoadMetadataOptions,
): Promise<void> {
  if (settings.users === undefined) {
    await db.run(
      "create or replace table source_users (user_id integer, attributes map(varchar, varchar[]))",
    );
    return;
  }
  const opened = await openUsers(db, settings.users, options);
  await judgeMetadata(db, "users", opened, settings);
  await db.run(
    `create or replace table source_users as select ${numbered("user", options)}, attributes from ${checked("user", options)}`,
  );
}

async function judgeMetadata(
  db: Database,
  side: "items" | "users",
  opened: OpenedFiles,
  settings: FilesSettings,
): Promise<void> {
  const view = `${side}_checked` as const;
  await refuseBadRows(db, view, await countReasons(db, view), opened, settings);
  await keepBadRows(db, view, side, opened);
}

function numbered(side: "item" | "user", { kind }: LoadMetadataOptions): string {
  return `${kind === "dictionary" ? `${side}_dictionary` : `${side}s_checked`}.${side}_id`;
}

/** The valid rows of a metadata file, joined with the dictionary of their ids where there is one. */
function checked(side: "item" | "user", { kind }: LoadMetadataOptions): string {
  const rows = `(select * from ${side}s_checked where reason is null) as ${side}s_checked`;
  return kind === "integer"
    ? rows
    : `${rows} inner join ${side}_dictionary on ${side}s_checked.${side}_id = ${side}_dictionary.source_id`;
}

async function dropUnknownItems(
  db: Database,
  { items }: FilesSettings,
  ledger: RowLedger,
  nameRow: (fileRow: number) => Promise<string>,
): Promise<void> {
  if (items?.missing === "error") await refuseUnknownItems(db, nameRow);
  if (items?.missing !== "drop") return;
  const reason = "the item has no metadata";
  await db.run(
    "insert into dropped select file_row, $reason from source_rows anti join catalogue using (item_id)",
    { reason },
  );
  const [counted] = await db.rows("select count(*) as rows from dropped");
  ledger.drop("no metadata", reason, Number(counted?.["rows"]));
}

/** Drops repeated events and what is outside the k-core: the view `source_interactions`. */
async function dropRows(db: Database, settings: FilesSettings, ledger: RowLedger): Promise<void> {
  const { duplicates, kCore } = settings;
  if (!dropsRows(settings)) {
    await db.run("create or replace view source_interactions as from source_rows");
    return;
  }
  await createView(db, "source_events", "source/events");
  if (duplicates !== "error") {
    const rows = await findDuplicates(db, duplicates, ledger.left());
    ledger.drop("duplicate", repeated, rows);
  }
  if (kCore !== undefined) {
    const rounds = await keepCore(db, kCore, ledger.left());
    for (const [k, rows] of rounds.entries()) ledger.drop("k-core", `round ${k + 1}`, rows);
    await createView(db, "source_interactions", "source/core_events");
    return;
  }
  await db.run("create or replace view source_interactions as from source_events");
}

/** File and line of a row of the interactions. */
async function describeRow(db: Database, { files }: OpenedFiles, fileRow: number): Promise<string> {
  const [row] = await db.rows("select file_index, line from source_checked where file_row = $row", {
    row: fileRow,
  });
  return `${files[Number(row?.["file_index"])]?.path ?? ""}: line ${String(row?.["line"])}`;
}
