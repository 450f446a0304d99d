import { basename } from "node:path";
import type { FileCheck } from "../../flow/file-check.ts";
import type { RunEvent } from "../../flow/run-event.ts";
import type { Catalog } from "../../flow/stage.ts";
import { noLessons } from "../../finetune/lesson-tables.ts";
import type { PipelineSettings } from "../settings.ts";
import { withTemporaryDatabase } from "../temporary-database.ts";

interface RunPlace {
  readonly runDir: string;
  /** Has the lessons. */
  readonly catalog: Catalog;
  readonly check: FileCheck;
  readonly onEvent: (event: RunEvent) => void;
}

/**
 * Stops a run whose roles are played with models that somebody has to train elsewhere first: writes the folders to train them from.
 *
 * @throws `TrainingPending` where there are any; what writing the folders throws
 */
export async function requireTrained(
  settings: PipelineSettings,
  { runDir, catalog, check, onEvent }: RunPlace,
): Promise<void> {
  const { finetune, resolved } = settings;
  const awaited = resolved.played.map(({ models, ...one }) => ({
    ...one,
    model: models[0] ?? null,
  }));
  const untrained = awaited.filter(({ given }) => given === null);
  if (finetune?.elsewhere === undefined || untrained.length === 0) return;
  const { elsewhere: trainer, maxTokens } = finetune;
  const [{ writeFolders }, { TrainingPending }, { exportedLine }, { mountChecked }] =
    await Promise.all([
      import("../../finetune/elsewhere/write-folders.ts"),
      import("../../finetune/elsewhere/training-pending.ts"),
      import("../../finetune/export/exported-line.ts"),
      import("../../tables/mount-checked.ts"),
    ]);
  const { sft_reason = [], sft_refine = [], sft_reflect = [] } = catalog;
  const lessons = { ...noLessons, sft_reason, sft_refine, sft_reflect };
  const { folders, isEstimated } = await withTemporaryDatabase("sft", settings, async (db) =>
    writeFolders(await mountChecked(db, lessons, runDir, check), untrained, {
      ...{ runDir, run: basename(runDir), trainer, finetune },
    }),
  );
  for (const made of folders.filter(({ isKept }) => !isKept)) {
    const text = `wrote ${made.folder}: ${exportedLine(made, { maxTokens, isEstimated })}`;
    onEvent({ kind: "note", text });
  }
  throw new TrainingPending(trainer, awaited, folders);
}
