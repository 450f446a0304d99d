import { z } from "zod";
import type { Database } from "../../tables/database.ts";
import type { AdapterResult, AnswerResult, FinetuneResults } from "../finetune-results.ts";
import { queryRows } from "./query-rows.ts";

const whose = { subject: z.enum(["user", "item"]), role: z.enum(["actor", "reflector"]) };
const loss = z.number().nullable();

const epochRow = z.object({ ...whose, epoch: z.number(), train_loss: loss, valid_loss: loss });

const elsewhereRow = z.object({ ...whose, base: z.string(), path: z.string() });

const trainedRow = z.object({
  ...whose,
  base: z.string(),
  rank: z.number().nullable(),
  train_rows: z.number(),
  valid_rows: z.number(),
  long_rows: z.number(),
  best_epoch: z.number(),
  valid_loss_before: loss,
  valid_loss_after: loss,
  parameters: z.number(),
  tokens: z.number(),
  stopped: z.string().nullable(),
  seconds: z.number(),
});

/** Nothing is known of the training of an adapter that learned elsewhere. */
const adapterRow = z.union([
  z
    .object({ train_rows: z.null() })
    .and(elsewhereRow)
    .transform(({ train_rows: _unknown, ...elsewhere }) => ({ elsewhere })),
  trainedRow.transform((trained) => ({ trained })),
]);

const share = z.number().nullable();

const answerRow = z
  .object({
    ...whose,
    model: z.enum(["base", "adapter"]),
    answers: z.number(),
    readable: z.number(),
    accuracy: share,
    precision: share,
    recall: share,
    mean_words: share,
    leaked: share,
  })
  .transform(({ mean_words: meanWords, ...row }): AnswerResult => ({ ...row, meanWords }));

/** What fine-tuning came to; null for a run without it. */
export async function collectFinetune(db: Database): Promise<FinetuneResults | null> {
  const found = await queryRows(db, "adapters", adapterRow);
  if (found.length === 0) return null;
  const adapters = found.flatMap((one) => ("trained" in one ? one.trained : []));
  const epochs = await queryRows(db, "finetune_epochs", epochRow);
  return {
    elsewhere: found.flatMap((one) => ("elsewhere" in one ? one.elsewhere : [])),
    answers: await queryRows(db, "finetune_eval", answerRow),
    adapters: adapters.map((row): AdapterResult => ({
      subject: row.subject,
      role: row.role,
      base: row.base,
      rank: row.rank,
      trainRows: row.train_rows,
      validRows: row.valid_rows,
      longRows: row.long_rows,
      bestEpoch: row.best_epoch,
      validLossBefore: row.valid_loss_before,
      validLossAfter: row.valid_loss_after,
      parameters: row.parameters,
      tokens: row.tokens,
      stopped: row.stopped,
      seconds: row.seconds,
      epochs: epochs
        .filter(({ subject, role }) => subject === row.subject && role === row.role)
        .map(({ epoch, train_loss: trainLoss, valid_loss: validLoss }) => ({
          ...{ epoch, trainLoss, validLoss },
        })),
    })),
  };
}
