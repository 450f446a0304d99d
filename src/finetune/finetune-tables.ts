import { sha256OfFile } from "../flow/file-check.ts";
import type { TaskContext, WrittenFile } from "../flow/task.ts";
import { withDatabase, type Row } from "../tables/database.ts";
import { rowBatches } from "../tables/row-batches.ts";
import { writeBatches } from "../tables/write-batches.ts";
import { ggufIn } from "./adapter/adapter-folder.ts";
import type { AdapterEpoch } from "./loop/adapter-training.ts";
import type { AdapterIdentity } from "./settings.ts";
import type { TrainedRows } from "./train-rows.ts";

export interface FinetuneOutcome extends AdapterIdentity, TrainedRows {
  /** The adapter's folder, relative to the run folder. */
  readonly path: string;
  readonly base: string;
  readonly baseHash: string;
}

/** Writes an adapter's parts of `finetune_log` and `adapters`. */
export async function writeFinetuneTables(
  outcome: FinetuneOutcome,
  context: TaskContext,
): Promise<readonly WrittenFile[]> {
  const { subject, role, trained, folder } = outcome;
  const sha256 = await sha256OfFile(ggufIn(folder));
  const log = trained.epochs.map((epoch) => ({ subject, role, ...epochRow(epoch) }));
  return writeAdapterParts({ log, adapter: { ...adapterRow(outcome), sha256 } }, context);
}

/** Writes the rows of one adapter; columns that a row does not have are null. */
export function writeAdapterParts(
  { log, adapter }: { readonly log: readonly Row[]; readonly adapter: Row },
  context: TaskContext,
): Promise<readonly WrittenFile[]> {
  return withDatabase(context, async (db) => {
    const write = (table: string, rows: readonly Row[]): Promise<WrittenFile> =>
      writeBatches(
        db,
        table,
        rowBatches(table, rows.length, (row) => rows[row] ?? {}),
        context,
      );
    return [await write("finetune_log", log), await write("adapters", [adapter])];
  });
}

function epochRow(epoch: AdapterEpoch): Row {
  return {
    epoch: epoch.epoch,
    train_loss: epoch.trainLoss,
    valid_loss: epoch.validLoss,
    steps: epoch.steps,
    tokens: epoch.tokens,
    answer_tokens: epoch.answerTokens,
    seconds: epoch.seconds,
  };
}

function adapterRow(outcome: FinetuneOutcome): Row {
  const { subject, role, trained, encoded, parameters, path, base, baseHash } = outcome;
  const { adapter, epochs, bestEpoch, stopped } = trained;
  const lossOf = (wanted: number): number | null =>
    epochs.find(({ epoch }) => epoch === wanted)?.validLoss ?? null;
  return {
    ...{ subject, role, path, base, parameters, stopped },
    base_hash: baseHash,
    rank: adapter.lora.rank,
    alpha: adapter.lora.alpha,
    train_rows: encoded.train.length,
    valid_rows: encoded.valid.length,
    long_rows: encoded.longRows,
    longest_row: encoded.longestRow,
    best_epoch: bestEpoch,
    valid_loss_before: lossOf(0),
    valid_loss_after: lossOf(bestEpoch),
    tokens: epochs.reduce((sum, { tokens }) => sum + tokens, 0),
  };
}
