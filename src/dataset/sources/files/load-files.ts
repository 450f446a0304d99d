import { FlowError } from "../../../base/errors.ts";
import type { Database } from "../../../tables/database.ts";
import { nameDamagedFile } from "../../../tables/files/name-damaged-file.ts";
import { sqlFile } from "../../../tables/sql-file.ts";
import type { SourceRows, SourceSite } from "../source.ts";
import { addRejects, byReason, keepBadRows, refuseBadRows } from "./bad-rows.ts";
import { createView } from "./create-view.ts";
import { refuseUnknownEvents } from "./checks/event-types.ts";
import { filesOf, type SourceFiles } from "./fingerprint-files.ts";
import {
  dropDuplicates,
  dropsRows,
  dropUnknownItems,
  makeRejects,
  withoutMetadata,
} from "./drop-rows.ts";
import { repeated } from "./find-duplicates.ts";
import { coreRound, keepCore } from "./keep-core.ts";
import { loadCatalogue, loadUsers } from "./metadata/load-catalogue.ts";
import { notSampled, numberRows, sampleUsers } from "./number-rows.ts";
import type { OpenedFiles } from "./open-files.ts";
import { usesDictionary } from "./columns/find-typing.ts";
import { openInteractions, type OpenedInteractions } from "./open-interactions.ts";
import { refuseUnknownItems } from "./metadata/refuse-unknown-items.ts";
import { makeCounts, refuseNothingLeft, rowLedger, type RowLedger } from "./row-ledger.ts";
import type { FilesSettings } from "./settings.ts";
import type { MetadataForms } from "./source-of-files.ts";

export interface LoadFilesOptions extends MetadataForms {
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
  ledger.drop("sampling", notSampled, await sampleUsers(db, settings, ledger.left()));
  const isJoined = usesDictionary(typing) || dropsRows(settings);
  await numberRows(db, typing, isJoined, site);
  const { csv, missingValues } = settings;
  const metadata = { csv, missingValues, site, ...forms };
  const nameRow = (row: number): Promise<string> => describeRow(db, opened, row);
  await loadCatalogue(db, settings, { ...metadata, files: files.items, kind: typing.item });
  await judgeItems(db, settings, ledger, nameRow);
  await dropRows(db, settings, ledger);
  const lines = ledger.lines();
  refuseNothingLeft(name, ledger);
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

/** Refuses items that are not in the item file, or drops their rows. */
async function judgeItems(
  db: Database,
  settings: FilesSettings,
  ledger: RowLedger,
  nameRow: (fileRow: number) => Promise<string>,
): Promise<void> {
  if (settings.items?.missing === "error") {
    await db.run(
      "create or replace view source_item_rows as select item_id, file_row as first_row, 1 as rows from source_rows",
    );
    await refuseUnknownItems(db, nameRow);
  }
  ledger.drop("no metadata", withoutMetadata, await dropUnknownItems(db, settings));
}

/** Drops repeated events and what is outside the k-core: the view `source_interactions`. */
async function dropRows(db: Database, settings: FilesSettings, ledger: RowLedger): Promise<void> {
  const { kCore } = settings;
  ledger.drop("duplicate", repeated, await dropDuplicates(db, settings, ledger.left()));
  if (kCore === undefined) {
    await db.run("create or replace view source_interactions as from source_events");
    return;
  }
  const rounds = await keepCore(db, kCore, ledger.left());
  for (const [k, rows] of rounds.entries()) ledger.drop("k-core", coreRound(k), rows);
  await createView(db, "source_interactions", "source/core_events");
}

/** File and line of a row of the interactions. */
async function describeRow(db: Database, { files }: OpenedFiles, fileRow: number): Promise<string> {
  const [row] = await db.rows("select file_index, line from source_checked where file_row = $row", {
    row: fileRow,
  });
  return `${files[Number(row?.["file_index"])]?.path ?? ""}: line ${String(row?.["line"])}`;
}
