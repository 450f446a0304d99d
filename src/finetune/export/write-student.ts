import { mkdir, open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "../../tables/database.ts";
import { dataFiles, type ExportFormat } from "./export-format.ts";
import { lessonsOf, type Student } from "./lessons.ts";
import { readmeName, readmeText } from "./readme.ts";

export interface StudentOptions {
  readonly format: ExportFormat;
  /** Name of the run, for the README. */
  readonly run: string;
  /** Tokens of a row at most; longer ones are set apart. */
  readonly maxTokens: number;
  /** Model to start from. Default: the format's. */
  readonly model?: string;
  /** Only actors, trained on reasoning alone. */
  readonly isReasonOnly: boolean;
  /** Whether tokens are estimated. */
  readonly isEstimated: boolean;
  /** How the trained model is used, as lines of Markdown. Default: as the format says for any pipeline file. */
  readonly use?: ExportFormat["use"];
}

/** The folder of one model. */
export interface ExportedStudent {
  readonly student: Student;
  readonly trainRows: number;
  readonly validRows: number;
  readonly longRows: number;
}

/**
 * Writes the folder of a model; deletes it if there is nothing to train on.
 *
 * @param db - With the run's tables
 * @param folder - Is made
 * @throws what reading the lessons throws
 */
export async function writeStudent(
  db: Database,
  student: Student,
  folder: string,
  options: StudentOptions,
): Promise<ExportedStudent> {
  const {
    format,
    run,
    maxTokens,
    isReasonOnly,
    isEstimated,
    model = format.defaultModel,
  } = options;
  const { use = format.use } = options;
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
  const readme = readmeText(format, plan, {
    ...{ run, longRows: made.longRows, isEstimated, use },
  });
  for (const { path, text } of [...format.files(plan), { path: readmeName, text: readme }]) {
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
