import { z } from "zod";
import { FlowError } from "../../../base/errors.ts";
import type { TaskContext, TaskSpec, WrittenFile } from "../../../flow/task.ts";
import { withDatabase, type Database } from "../../../tables/database.ts";
import { mountTables } from "../../../tables/mount-tables.ts";
import { datasetSettings, type DatasetSettings } from "../../settings.ts";
import type { ColumnReadings } from "../../sources/files/columns/find-typing.ts";
import { filesOf, type SourceFiles } from "../../sources/files/fingerprint-files.ts";
import type { SourceFile } from "../../sources/files/find-files.ts";
import type { SourceOfFiles } from "../../sources/files/source-of-files.ts";
import { sourceOf } from "../../sources/registry.ts";
import { pathsHash } from "./plan-ingest.ts";

const runtime = z.object({ dataset: datasetSettings, history: z.int() });

const groupParams = z.object({ from: z.int(), to: z.int(), paths: z.string() });

/** The source of a task. */
export interface TaskSource extends Pick<SourceOfFiles, "settings" | "forms"> {
  readonly dataset: DatasetSettings;
  readonly files: SourceFiles;
  /** What the interactions are read from, for messages. */
  readonly name: string;
  /** Events that samples will keep. */
  readonly history: number;
}

/** Runs a task's work in a database with its inputs mounted. */
export async function withSource(
  task: TaskSpec,
  context: TaskContext,
  use: (db: Database, source: TaskSource) => Promise<readonly WrittenFile[]>,
): Promise<readonly WrittenFile[]> {
  const { dataset, history } = runtime.parse(task.runtime);
  const given = await sourceOf(dataset).files?.(dataset);
  if (given === undefined) throw new Error(`internal: ${dataset.source} is not read in groups`);
  const { settings, forms, run } = given;
  return run(() =>
    withDatabase(context, async (db) => {
      await mountTables(db, task.inputs, context.runDir);
      const name = [settings.interactions].flat().join(", ");
      return use(db, { dataset, settings, forms, history, name, files: await filesOf(settings) });
    }),
  );
}

const bucketParams = z.object({ bucket: z.int().optional() });

/** The bucket of users of a task; empty where all are in one. */
export function bucketOf({ params }: TaskSpec): { readonly bucket?: number } {
  const { bucket } = bucketParams.parse(params);
  return bucket === undefined ? {} : { bucket };
}

/** A group of files that a task reads. */
export interface TaskGroup {
  /** Index of the first among all files. */
  readonly from: number;
  readonly files: readonly SourceFile[];
}

/** @throws `INPUT_INVALID` where the files are no longer those that the run began with */
export function groupOf(task: TaskSpec, { interactions }: SourceFiles): TaskGroup {
  const { from, to, paths } = groupParams.parse(task.params);
  const files = interactions.slice(from, to);
  if (pathsHash(files) === paths) return { from, files };
  throw new FlowError(
    "INPUT_INVALID",
    `dataset.interactions: files were added or removed since the run began, next to ${files[0]?.path ?? interactions.at(-1)?.path ?? ""}; run again`,
  );
}

/** The type of each column over all files, from `ingest_columns`. */
export async function knownTypes(db: Database): Promise<readonly string[]> {
  const rows = await db.rows("select type from ingest_columns order by place");
  return rows.map(({ type }) => String(type));
}

const idKind = z.enum(["integer", "dictionary"]);

/** How all files are read, from `ingest_typing`; null where the settings say it. */
export async function foundTyping(db: Database, task: TaskSpec): Promise<ColumnReadings | null> {
  if (task.inputs["ingest_typing"] === undefined) return null;
  const [row] = await db.rows("from ingest_typing");
  return {
    user: idKind.parse(row?.["user_ids"]),
    item: idKind.parse(row?.["item_ids"]),
    // Written by the task of `ingest_typing`, with the same code.
    time: JSON.parse(String(row?.["time_reading"])) as ColumnReadings["time"],
  };
}
