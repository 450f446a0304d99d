/** @file Tables of the stage finetune. */
import { subjectId } from "./columns.ts";
import { column, type Column, type TableSchema } from "./schema.ts";

const adapterColumns: readonly Column[] = [
  column("subject", "VARCHAR", "user or item: what the adapter is about"),
  column("role", "VARCHAR", "actor or reflector: whom it teaches"),
];

/** How adapters were trained, and where they are. */
export const finetuneTables: readonly TableSchema[] = [
  {
    name: "finetune_log",
    about:
      "One row per adapter that the run trained and epoch; epoch 0 is the base model before training. None of adapters that were trained elsewhere.",
    grain: ["subject", "role", "epoch"],
    order: ["subject", "role", "epoch"],
    columns: [
      ...adapterColumns,
      column("epoch", "INTEGER", "0 = before training"),
      column(
        "train_loss",
        "DOUBLE",
        "mean loss of the answers' tokens over the epoch, nats; null for epoch 0",
      ),
      column(
        "valid_loss",
        "DOUBLE",
        "the same on the validation rows after the epoch, nats; null without validation rows",
      ),
      column("steps", "INTEGER", "updates of the adapter"),
      column("tokens", "BIGINT", "tokens trained on, prompts and answers"),
      column("answer_tokens", "BIGINT", "tokens of the answers, which the loss is over"),
      column("seconds", "DOUBLE", "wall time of the epoch, training and validation"),
    ],
  },
  {
    name: "adapters",
    about:
      "The adapters of a run: where each is, what it was trained on, and how well it learned, which is null of those that were trained elsewhere.",
    grain: ["subject", "role"],
    order: ["subject", "role"],
    columns: [
      ...adapterColumns,
      column(
        "path",
        "VARCHAR",
        "folder of its files, relative to the run folder; the name of a model that a server serves",
      ),
      column("sha256", "VARCHAR", "of adapter.gguf; of the name for a model that a server serves"),
      column("base", "VARCHAR", "the model it was trained on, as finetune.base names it"),
      column(
        "base_hash",
        "VARCHAR",
        "of the content of the base model's files; null for an adapter that was trained elsewhere",
      ),
      column("rank", "INTEGER", "rank of LoRA; null where it is not known"),
      column("alpha", "DOUBLE", "alpha of LoRA; null where it is not known"),
      column(
        "train_rows",
        "BIGINT",
        "rows trained on; null for an adapter that was trained elsewhere",
      ),
      column("valid_rows", "BIGINT", "rows that the epoch was chosen on"),
      column("long_rows", "BIGINT", "rows left out because they have more than maxTokens tokens"),
      column("longest_row", "BIGINT", "tokens of the longest row, also of one left out"),
      column(
        "best_epoch",
        "INTEGER",
        "epoch whose adapter is kept: the least validation loss; the last one without validation rows",
      ),
      column(
        "valid_loss_before",
        "DOUBLE",
        "of the base model, nats per token of an answer; null without validation rows",
      ),
      column("valid_loss_after", "DOUBLE", "of the adapter kept; null without validation rows"),
      column(
        "stopped",
        "VARCHAR",
        "why the training ended early, with the best epoch until then; null as a rule",
      ),
      column("parameters", "BIGINT", "trained numbers; null where it is not known"),
      column("tokens", "BIGINT", "tokens trained on in all epochs"),
    ],
  },
];

/** What fine-tuning changed, on rows that no adapter was trained on. */
export const finetuneEval: TableSchema = {
  name: "finetune_eval",
  about:
    "Answers to held-out prompts, by the base model and by the model with its adapter; only of roles that are played with the run's own.",
  grain: ["subject", "role", "model", "task", "subject_id", "sample"],
  order: ["subject", "role", "model", "task", "subject_id", "sample"],
  columns: [
    ...adapterColumns,
    column("model", "VARCHAR", "base or adapter"),
    column("task", "VARCHAR", "reason, refine or reflect"),
    subjectId,
    column("sample", "INTEGER", "number of the teacher's inference, from 0"),
    column("status", "VARCHAR", "read, unreadable, or why there is no answer"),
    column(
      "expected",
      "VARCHAR",
      "the teacher's judgement, reasonable or unreasonable; null for the actor",
    ),
    column("judgement", "VARCHAR", "the answer's; null for the actor, and where it is unreadable"),
    column("words", "INTEGER", "of the text or reflection; null where it is unreadable"),
    column(
      "names_target",
      "BOOLEAN",
      "whether it names a title that only the teacher knew; null where it is unreadable",
    ),
    column("completion_tokens", "INTEGER", "tokens of the answer; null where they are not known"),
  ],
};
