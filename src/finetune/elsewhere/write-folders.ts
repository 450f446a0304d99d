import { mkdir, readdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { FlowError } from "../../base/errors.ts";
import { nullIfMissing } from "../../base/files/durable-file.ts";
import { makeFolderIn } from "../../base/files/folder-in.ts";
import { withTemporaryFolder } from "../../base/files/temporary-folder.ts";
import { sha256 } from "../../base/sha256.ts";
import { sha256OfFile } from "../../flow/file-check.ts";
import type { Database } from "../../tables/database.ts";
import { lessonLengths } from "../../tables/lesson-lengths.ts";
import { exportFormats } from "../export/export-formats.ts";
import { students, type Student } from "../export/lessons.ts";
import { readmeName } from "../export/readme.ts";
import { writeStudent, type ExportedStudent } from "../export/write-student.ts";
import type { FinetuneSettings } from "../settings.ts";
import type { TrainerName } from "../trainer-names.ts";
import type { AwaitedAdapter } from "./elsewhere-stage.ts";
import { useInRun } from "./use-in-run.ts";

/** An adapter that somebody has to train. */
export type UntrainedAdapter = Pick<AwaitedAdapter, "subject" | "role" | "model">;

export interface FolderOptions {
  readonly runDir: string;
  /** Name of the run, for the READMEs. */
  readonly run: string;
  readonly trainer: TrainerName;
  readonly finetune: Pick<FinetuneSettings, "base" | "maxTokens" | "reasonOnly">;
}

/** The folder of one model, in the run folder. */
export interface TrainingFolder extends ExportedStudent {
  /** Absolute. */
  readonly folder: string;
  /** Whether it was there before. */
  readonly isKept: boolean;
}

export interface TrainingFolders {
  readonly folders: readonly TrainingFolder[];
  /** Whether tokens are estimated. */
  readonly isEstimated: boolean;
}

/**
 * Writes the folders that adapters are trained from, `sft/<trainer>/<subject>-<role>-<8 digits of a hash of its files>`. A folder that
 * is there is left as it is: with other rows or settings it has another name, so that nothing a trainer has put into it is lost.
 *
 * @param db - With the run's tables
 * @throws `RUN_INVALID` where the teacher wrote nothing to train on; what reading the lessons throws
 */
export async function writeFolders(
  db: Database,
  untrained: readonly UntrainedAdapter[],
  { runDir, run, trainer, finetune }: FolderOptions,
): Promise<TrainingFolders> {
  const { base, maxTokens, reasonOnly: isReasonOnly } = finetune;
  const format = exportFormats[trainer];
  const root = join(runDir, "sft", trainer);
  await makeFolderIn(runDir, root);
  const isEstimated = (await lessonLengths(db, maxTokens)).some((each) => each.isEstimated);
  const folders: TrainingFolder[] = [];
  for (const { student, model } of studentsOf(untrained, isReasonOnly)) {
    const use = useInRun(format, { isServed: model === null });
    const options = { format, run, maxTokens, model: base, isReasonOnly, isEstimated, use };
    await withTemporaryFolder(
      "export",
      async (temporary) => {
        const complete = join(temporary, "complete");
        await mkdir(complete);
        const made = await writeStudent(db, student, complete, options);
        if (made.trainRows === 0) throw nothingToLearn(made, maxTokens);
        const folder = join(root, `${student.name}-${(await hashOf(complete)).slice(0, 8)}`);
        const isKept = (await stat(folder).catch(nullIfMissing)) !== null;
        if (!isKept) await rename(complete, folder);
        folders.push({ ...made, folder, isKept });
      },
      root,
    );
  }
  return { folders, isEstimated };
}

function studentsOf(
  untrained: readonly UntrainedAdapter[],
  isReasonOnly: boolean,
): readonly { readonly student: Student; readonly model: string | null }[] {
  return students(isReasonOnly).flatMap((student) =>
    untrained.flatMap(({ subject, role, model }) =>
      subject === student.subject && role === student.role ? { student, model } : [],
    ),
  );
}

/** Of the names and contents of a folder's files, but for the README. */
async function hashOf(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true });
  const files: string[] = [];
  for (const name of names.filter((one) => one !== readmeName).sort()) {
    const path = join(folder, name);
    if ((await stat(path)).isFile()) files.push(path);
  }
  const lines = await Promise.all(
    files.map(async (file) => `${file.slice(folder.length)} ${await sha256OfFile(file)}`),
  );
  return sha256(lines.join("\n"));
}

function nothingToLearn({ student, longRows }: ExportedStudent, maxTokens: number): FlowError {
  const { role, subject } = student;
  const long =
    longRows === 0 ? "" : `; ${String(longRows)} are longer, which finetune.maxTokens decides`;
  return new FlowError(
    "RUN_INVALID",
    `the teacher wrote no row of at most ${String(maxTokens)} tokens that the ${role} about ${subject}s could learn from${long}. ` +
      "Let it write more (construct.share), see with the query sql/construct/drop_counts.sql what its texts became, or play the role with another model.",
  );
}
