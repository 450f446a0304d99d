/** @file Scores the rows of a file with a trained model, in batches. */
import { setImmediate } from "node:timers/promises";
import { FlowError } from "../../base/errors.ts";
import { freeMemory } from "../../base/free-memory.ts";
import { memoryBudget, withoutCures } from "../../base/memory-budget.ts";
import type { Subject } from "../../base/terms.ts";
import type { Catalog } from "../../flow/stage.ts";
import type { FileRef, TaskProgress, TaskSpec } from "../../flow/task.ts";
import { type Database, withDatabase } from "../../tables/database.ts";
import { requireReplaceable } from "../../tables/earlier-output.ts";
import { mountChecked } from "../../tables/mount-checked.ts";
import { readBatches } from "../../tables/read-batches.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { numberedIds } from "../../tables/source-ids/source-ids.ts";
import { writeTableFile, type CsvOptions } from "../../tables/files/table-file.ts";
import { createBatcher } from "../data/batcher.ts";
import type { ModelCard } from "../export/model-card.ts";
import { idsHash } from "../export/write-inference-model.ts";
import { trainParams, trialConfig } from "../train-tasks.ts";
import { denseRows } from "./dense-rows.ts";
import { openInferenceSession, type InferenceSession } from "./inference-session.ts";
import { givenId, loadRows, scoredRows } from "./input-rows.ts";
import { loadScoringFeatures } from "./scoring-features.ts";
import { scoringRows } from "./scoring-memory.ts";
import { loadUserEvents } from "./user-events.ts";

export interface ScoreFileOptions extends CsvOptions {
  /** The task that trained the model; says which features it uses. */
  readonly task: TaskSpec;
  readonly card: ModelCard;
  /** Folder of the card. */
  readonly folder: string;
  readonly runDir: string;
  /** Parts of the run's table `timeline`. */
  readonly timeline: readonly FileRef[];
  /** The run's dictionaries, if any: the file's ids are those of the source. */
  readonly dictionaries: Catalog;
  /** File with the rows to score. Absolute. */
  readonly file: string;
  /** Absolute. */
  readonly out: string;
  /** Whether an unknown user or item is an error. */
  readonly isStrict: boolean;
  readonly threads: number;
  /** For SQL, MiB. */
  readonly memoryMb: number;
  readonly tempDir: string;
  /** Memory that may be taken besides that for SQL. Default: what is free now. */
  readonly freeBytes?: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TaskProgress) => void;
}

/** A count of rows, with the first of them. */
export interface RowCount {
  readonly rows: number;
  /** E.g. "row 7, item 99", the id as the file has it. */
  readonly first: string | undefined;
}

/** The result of scoring. */
export interface ScoreSummary {
  readonly rows: number;
  /** Rows scored as an item without attributes or vector. */
  readonly unknownItems: RowCount;
  /** Rows scored without user vector and features and, unless they bring one, without history. */
  readonly unknownUsers: RowCount;
  /** History events left out because the model does not know their item or rating. */
  readonly eventsLeftOut: number;
}

/**
 * Writes the file's columns and `probability`, in the file's order, all or nothing. A row without its own history gets its user's from
 * the run: the last events before its `ts` or, without a `ts`, the user's last events.
 *
 * @throws `INPUT_INVALID` with file, row and fix; `RUN_INVALID` if the run's items are not those the model was trained on;
 *   `OUT_OF_MEMORY` if features, events and a batch need more than is free
 */
export function scoreFile(options: ScoreFileOptions): Promise<ScoreSummary> {
  const { task, card, folder, runDir, timeline, dictionaries, file, out, threads } = options;
  return withDatabase(options, async (own) => {
    const tables = { ...task.inputs, timeline, ...dictionaries };
    const db = await mountChecked(own, tables, runDir);
    await requireReplaceable(db, out, ["probability"]);
    const rows = await loadRows(db, file, numberedIds(tables));
    const session = await openInferenceSession(folder, card, threads);
    try {
      const summary = await scoreRows(db, rows, session, options);
      await writeTableFile(db, scoredRows, out, options);
      return summary;
    } finally {
      await session.close();
    }
  });
}

async function scoreRows(
  db: Database,
  rowsTotal: number,
  session: InferenceSession,
  { task, card, file, isStrict, signal, onProgress, ...options }: ScoreFileOptions,
): Promise<ScoreSummary> {
  const { freeBytes = freeMemory().freeBytes } = options;
  const budget = withoutCures(memoryBudget({ bytes: freeBytes, shares: 1 }, "runtime.threads"));
  const features = await loadScoringFeatures(db, task, card.attributes.slots, budget);
  if (idsHash(features.items.index.ids) !== card.items.sha256) {
    throw new FlowError(
      "RUN_INVALID",
      "the run's items are not those the model was trained on; run the pipeline again",
    );
  }
  const unknown = { item: unknownRows(), user: unknownRows() };
  let eventsLeftOut = 0;
  let rowsDone = 0;
  const countUnknown = (subject: Subject) => (row: number) => {
    unknown[subject].rows += 1;
    unknown[subject].firstRow ??= rowsDone + row + 1;
  };
  const toColumns = denseRows({
    users: features.users,
    items: features.items.index,
    ratings: card.ratings.values,
    history: card.history.length,
    hasUserInputs: features.userFeatures !== undefined || features.knowledge?.user !== undefined,
    events: (await needEvents(db)) ? await loadUserEvents(db, budget) : undefined,
    onUnknownItem: countUnknown("item"),
    onUnknownUser: countUnknown("user"),
    onLeftOut: (events) => {
      eventsLeftOut += events;
    },
  });
  const params = trainParams.parse(task.params);
  const batcher = createBatcher({
    batchSize: scoringRows({
      ...{ card, features, budget, backbone: params.backbone },
      settings: trialConfig(task.config, params).train,
    }),
    history: card.history.length,
    ...features,
  });

  await db.run("create table scores (row bigint, probability float)");
  const { connection, close } = await db.connect();
  try {
    const appender = await connection.createAppender("scores");
    for await (const batch of readBatches(db, sqlFile("score/rows"))) {
      const columns = toColumns(batch);
      if (isStrict) await refuseUnknown(db, unknown, file);
      for await (const part of batcher.batches([{ columns }])) {
        signal.throwIfAborted();
        for (const probability of await session.predict(part)) {
          rowsDone += 1;
          appender.appendBigInt(BigInt(rowsDone));
          appender.appendFloat(probability);
          appender.endRow();
        }
        onProgress({ rowsDone, rowsTotal, unit: "rows" });
        await setImmediate(); // the model blocks the thread: let aborts through
      }
    }
    appender.closeSync();
  } finally {
    close();
  }
  const [unknownItems, unknownUsers] = [
    await rowCount(db, "item", unknown.item),
    await rowCount(db, "user", unknown.user),
  ];
  return { rows: rowsDone, unknownItems, unknownUsers, eventsLeftOut };
}

/** Rows whose user or item the run does not have. */
interface UnknownRows {
  rows: number;
  /** From 1. */
  firstRow: number | undefined;
}

function unknownRows(): UnknownRows {
  return { rows: 0, firstRow: undefined };
}

async function rowCount(
  db: Database,
  subject: Subject,
  { rows, firstRow }: UnknownRows,
): Promise<RowCount> {
  if (firstRow === undefined) return { rows, first: undefined };
  return { rows, first: `row ${firstRow}, ${subject} ${await givenId(db, subject, firstRow)}` };
}

/** @throws `INPUT_INVALID` naming the first row with an unknown user or item, the item first */
async function refuseUnknown(
  db: Database,
  unknown: Readonly<Record<Subject, UnknownRows>>,
  file: string,
): Promise<void> {
  const [itemRow = Infinity, userRow = Infinity] = [unknown.item.firstRow, unknown.user.firstRow];
  if (itemRow === Infinity && userRow === Infinity) return;
  const subject = itemRow <= userRow ? "item" : "user";
  const row = Math.min(itemRow, userRow);
  throw new FlowError(
    "INPUT_INVALID",
    `${file}, row ${row}: ${subject} ${await givenId(db, subject, row)} is not in the run; remove the row, or score without --strict`,
  );
}

async function needEvents(db: Database): Promise<boolean> {
  const rows = await db.rows("select 1 from score_rows where not is_items_given limit 1");
  return rows.length > 0;
}
