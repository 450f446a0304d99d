import { lstat, readdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FlowError } from "../../base/errors.ts";
import { nullIfMissing } from "../../base/files/durable-file.ts";
import { withTemporaryFolder } from "../../base/files/temporary-folder.ts";
import type { Database } from "../../tables/database.ts";
import { hasLessons, lessonLengths } from "../../tables/lesson-lengths.ts";
import { students } from "./lessons.ts";
import { writeStudent, type ExportedStudent, type StudentOptions } from "./write-student.ts";

export interface ExportOptions extends Omit<StudentOptions, "use" | "isEstimated"> {
  /** Must not exist yet, or be empty. Absolute. */
  readonly outDir: string;
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
          await writeStudent(db, student, join(complete, student.name), {
            ...options,
            isEstimated,
          }),
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
