/** @file A small log in seven files, read by one task or in groups of files. */
import { join } from "node:path";
import { runTask } from "../../../src/flow/run-task.ts";
import { catalogOf } from "../../../src/flow/stage-manifest.ts";
import { inputsOf, type Catalog } from "../../../src/flow/stage.ts";
import { taskSpecs } from "../../../src/flow/task-key.ts";
import type { FileRef } from "../../../src/flow/task.ts";
import { parsePipeline } from "../../../src/pipeline/load-pipeline.ts";
import { stagesOf } from "../../../src/pipeline/stages.ts";
import type { Database } from "../../../src/tables/database.ts";
import { quote } from "../../../src/tables/quote.ts";
import { makeFolder, taskSite } from "../../util/hand-made-task.ts";

export type LogFormat = "csv" | "json" | "parquet";

/** An event as the files have it; values are texts. */
export interface LogRow {
  readonly u: string;
  readonly i: string;
  readonly t: string;
  readonly r: string;
}

const fileCount = 7;
const startS = 1_600_000_000;

/** Users 1 to 24 and items 1 to 15; in each user's history ties, and items of a long tail. */
export function logRows(): readonly LogRow[] {
  return Array.from({ length: 420 }, (_, k) => ({
    u: String(1 + ((k * 7) % 24)),
    i: String(1 + ((k * k + 3 * k) % 15)),
    t: String(startS + 60 * Math.floor(k / 2)),
    r: String(1 + (k % 5)),
  }));
}

/** Writes rows as seven files in the folder `in/<name>`, and metadata of most items beside it; returns the `dataset` block. */
export async function writeLog(
  db: Database,
  dir: string,
  {
    name,
    format,
    rows,
  }: { readonly name: string; readonly format: LogFormat; readonly rows: readonly LogRow[] },
): Promise<Readonly<Record<string, unknown>>> {
  const folder = join(dir, "in", name);
  const size = Math.ceil(rows.length / fileCount);
  const pieces = Array.from({ length: fileCount }, (_, k) => rows.slice(k * size, (k + 1) * size));
  const titles = [
    "id,title,genre",
    ...Array.from({ length: 13 }, (_, k) => `${k + 1},Title ${k + 1},g${k % 3}`),
  ];
  await makeFolder(folder, {});
  await makeFolder(join(dir, "in"), { [`${name}-items.csv`]: `${titles.join("\n")}\n` });
  for (const [k, piece] of pieces.entries()) {
    const file = `part-${k}.${format}`;
    if (format === "csv") {
      const lines = piece.map(({ u, i, t, r }) => [u, i, t, r].join(","));
      await makeFolder(folder, { [file]: ["u,i,t,r", ...lines, ""].join("\n") });
    } else if (format === "json") {
      await makeFolder(folder, { [file]: piece.map((row) => `${JSON.stringify(row)}\n`).join("") });
    } else {
      const values = piece.map(({ u, i, t, r }) => `(${[u, i, t, r].map(quote).join(", ")})`);
      const path = quote(join(folder, file));
      await db.run(
        `copy (from (values ${values.join(", ")}) as log(u, i, t, r)) to ${path} (format parquet)`,
      );
    }
  }
  return {
    ...{ source: format, interactions: folder },
    columns: { user: "u", item: "i", time: "t", rating: "r" },
  };
}

/** The metadata that {@link writeLog} writes for a log, of items 1 to 13. */
export const itemsOf = (dir: string, name: string, missing: string) => ({
  ...{ path: join(dir, "in", `${name}-items.csv`), id: "id", missing },
  attributes: ["genre"],
});

export interface ReadOptions {
  /** `runtime.ingestTasks`. */
  readonly tasks: number;
  readonly buckets?: number;
  /** Other settings. */
  readonly overrides?: readonly string[];
  /** Last stage to run; default: the last that reads the source. */
  readonly last?: string;
  /** Called before each stage. */
  readonly before?: (stage: string) => Promise<void>;
}

/** What stages wrote, and the keys of their tasks. */
export interface ReadRun {
  readonly catalog: Catalog;
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

/** Runs the stages up to one in this thread, task after task. */
export async function readSource(
  runDir: string,
  dataset: Readonly<Record<string, unknown>>,
  { tasks, buckets = 3, overrides = [], last = "fingerprint", before }: ReadOptions,
): Promise<ReadRun> {
  const settings = parsePipeline("", "test", [
    `dataset=${JSON.stringify(dataset)}`,
    ...[`runtime.ingestTasks=${tasks}`, `runtime.buckets=${buckets}`, ...overrides],
  ]);
  const stages = await stagesOf(settings);
  const done: { readonly stage: string; readonly files: readonly FileRef[] }[] = [];
  const keys: Record<string, readonly string[]> = {};
  for (const { def } of stages.slice(0, 1 + stages.findIndex((stage) => stage.def.name === last))) {
    const files: FileRef[] = [];
    await before?.(def.name);
    const specs = taskSpecs(def, inputsOf(def, catalogOf(done)));
    for (const task of specs) files.push(...(await runTask(task, taskSite(runDir))).files);
    keys[def.name] = specs.map(({ key }) => key);
    done.push({ stage: def.name, files });
  }
  return { catalog: catalogOf(done), keys };
}
