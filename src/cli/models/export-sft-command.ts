import { basename, join, relative, resolve } from "node:path";
import { shellWord } from "../../base/shell-word.ts";
import { exportLessons, type ExportSummary } from "../../finetune/export/export-lessons.ts";
import { exportedLine, longText } from "../../finetune/export/exported-line.ts";
import { exportFormats } from "../../finetune/export/export-formats.ts";
import type { TrainerName } from "../../finetune/trainer-names.ts";
import { refuseRunFolder } from "../../inspect/refuse-own-folders.ts";
import { withRun } from "../../inspect/with-run.ts";
import { runCatalog } from "../../pipeline/run-folder.ts";
import { runtimeOf } from "../../pipeline/settings.ts";
import { withRunAt } from "../place/with-run-at.ts";
import { sayLine } from "../terminal.ts";

export interface ExportSftOptions {
  readonly format: TrainerName;
  readonly out: string;
  readonly model?: string;
  readonly maxTokens: number;
  readonly reasonOnly?: boolean;
}

export async function exportSftCommand(run: string, options: ExportSftOptions): Promise<void> {
  const { model, maxTokens, reasonOnly: isReasonOnly = false } = options;
  const outDir = resolve(options.out);
  const format = exportFormats[options.format];
  const summary = await withRunAt(run, { files: "tables" }, async ({ runDir }) => {
    const tables = await runCatalog(runDir);
    await refuseRunFolder(runDir, outDir);
    return withRun({ ...runtimeOf({ runtime: {} }), runDir, tables }, (db) =>
      exportLessons(db, {
        ...{ format, outDir, run: basename(runDir), maxTokens, isReasonOnly },
        ...(model !== undefined && { model }),
      }),
    );
  });
  for (const line of told(summary, maxTokens)) sayLine(`r4ec: ${line}`);
  for (const { student } of summary.written) {
    const folder = relative(process.cwd(), join(outDir, student.name));
    sayLine(`r4ec: start it with: (cd ${shellWord(folder)} && ${format.command})`);
  }
}

/** What was written, left out and set apart. */
function told(
  { written, empty, isEstimated }: ExportSummary,
  maxTokens: number,
): readonly string[] {
  const limit = { maxTokens, isEstimated };
  return [
    ...written.map((made) => `${made.student.name}: ${exportedLine(made, limit)}`),
    ...empty.map(
      (made) => `${made.student.name}: no row to train on, so no folder${longText(made, limit)}`,
    ),
  ];
}
