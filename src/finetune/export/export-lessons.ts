import { lstat, mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FlowError } from "../../base/errors.ts";
import { nullIfMissing } from "../../base/files/durable-file.ts";
import { withTemporaryFolder } from "../../base/files/temporary-folder.ts";
import type { Database } from "../../tables/database.ts";
import { hasLessons, lessonLengths } from "../../tables/lesson-lengths.ts";
import { dataFiles, type ExportFormat } from "./export-format.ts";
import { lessonsOf, students, type Student } from "./lessons.ts";
import { readmeText } from "./readme.ts";

export interface ExportOptions {
  readonly format: ExportFormat;
  /** Must not exist yet, or be empty. Absolute. */
  readonly outDir: string;
  /** Name of the run, for the READMEs. */
  readonly run: string;
  /** Tokens of a row at most; longer ones are set apart. */
  readonly maxTokens: number;
  /** Model to start from. Default: the format's. */
  readonly model?: string;
  /** Only actors, trained on reasoning alone. */
  readonly isReasonOnly: boolean;
}

/** The folder of one model. */
export interface ExportedStudent {
  readonly student: Student;
  readonly trainRows: number;
  readonly validRows: number;
  readonly longRows: number;
}

/** What has been written. */
export interface ExportSummary {
  readonly written: readonly ExportedStudent[];
  /** Models without a row to train on: they have no folder. */
  readonly empty: readonly ExportedStudent[];
  /** Whether tokens are estimated. */
  readonly isEstimated: boolean;
}

/**
 * Writes the folders of every model that a run's fine-tuning data can train, complete or not at all.
 *
 * @param db - With the run's tables
 * @throws `CONFIG_INVALID` if the folder has something in it; `RUN_INVALID` for a run without fine-tuning data, or with rows of an
 *   earlier version
 */
export async function exportLessons(db: Database, options: ExportOptions): Promise<ExportSummary> {
  const { outDir, maxTokens, isReasonOnly } = options;
  await requireEmpty(outDir);
  if (!(await hasLessons(db))) {
    throw new FlowError(
      "RUN_INVALID",
      `the run ${options.run} has no fine-tuning data, or that of an earlier version. Add a construct block to its pipeline file, such as ` +
        "construct: { teacher: { provider: openai, model: NAME } }, and run it with --to construct.",
    );
  }
  const isEstimated = (await lessonLengths(db, maxTokens)).some((each) => each.isEstimated);
  return withTemporaryFolder(
    "export",
    async (folder) => {
      const complete = join(folder, "complete");
      const made: ExportedStudent[] = [];
      for (const student of students(isReasonOnly)) {
        made.push(
          await writeStudent(db, student, join(complete, student.name), isEstimated, options),
        );
      }
      const written = made.filter(({ trainRows }) => trainRows > 0);
      const empty = made.filter(({ trainRows }) => trainRows === 0);
      if (written.length === 0) {
        throw new FlowError(
          "RUN_INVALID",
          `the run ${options.run} has no row to train on of at most ${String(maxTokens)} tokens: raise --max-tokens, or see what the teacher's ` +
            "texts became with the query sql/construct/drop_counts.sql",
        );
      }
      await rename(complete, outDir).catch(async (error: unknown) => {
        await requireEmpty(outDir);
        throw error;
      });
      return { written, empty, isEstimated };
    },
    dirname(outDir),
  );
}

/** Writes the folder of a model; deletes it if there is nothing to train on. */
async function writeStudent(
  db: Database,
  student: Student,
  folder: string,
  isEstimated: boolean,
  { format, run, maxTokens, isReasonOnly, model = format.defaultModel }: ExportOptions,
): Promise<ExportedStudent> {
  await mkdir(join(folder, "data"), { recursive: true });
  const files = {
    train: await rowsFile(join(folder, dataFiles.train)),
    valid: await rowsFile(join(folder, dataFiles.valid)),
    long: await rowsFile(join(folder, dataFiles.long)),
  };
  try {
    for await (const lesson of lessonsOf(db, student, isReasonOnly)) {
      const place = lesson.tokens > maxTokens ? "long" : lesson.split;
      await files[place].add(format.row(lesson));
    }
  } finally {
    for (const file of Object.values(files)) await file.close();
  }
  const made = {
    student,
    trainRows: files.train.rows(),
    validRows: files.valid.rows(),
    longRows: files.long.rows(),
  };
  for (const place of ["train", "valid", "long"] as const) {
    if (files[place].rows() === 0) await rm(join(folder, dataFiles[place]));
  }
  if (made.trainRows === 0) {
    await rm(folder, { recursive: true });
    return made;
  }
  const plan = { ...made, model, maxTokens };
  const readme = readmeText(format, plan, { run, longRows: made.longRows, isEstimated });
  for (const { path, text } of [...format.files(plan), { path: "README.md", text: readme }]) {
    await writeFile(join(folder, path), text);
  }
  return made;
}

/** Rows are written in pieces of about this many characters. */
const pieceCharacters = 1 << 20;

interface RowsFile {
  readonly add: (row: object) => Promise<void>;
  readonly rows: () => number;
  readonly close: () => Promise<void>;
}

/** A file with one JSON object a line. */
async function rowsFile(path: string): Promise<RowsFile> {
  const handle = await open(path, "wx");
  let lines: string[] = [];
  let [held, count] = [0, 0];
  const flush = async (): Promise<void> => {
    await handle.write(lines.join(""));
    lines = [];
    held = 0;
  };
  return {
    add: async (row) => {
      const line = `${JSON.stringify(row)}\n`;
      lines.push(line);
      held += line.length;
      count += 1;
      if (held >= pieceCharacters) await flush();
    },
    rows: () => count,
    close: async () => {
      try {
        await flush();
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
  };
}

async function requireEmpty(folder: string): Promise<void> {
  const found = await lstat(folder).catch(nullIfMissing);
  if (found === null) return;
  if (found.isDirectory() && (await readdir(folder)).length === 0) return;
  const what = found.isDirectory() ? "has files in it already" : "is no folder";
  throw new FlowError(
    "CONFIG_INVALID",
    `${folder} ${what}; choose a folder that is empty or does not exist yet`,
  );
}
