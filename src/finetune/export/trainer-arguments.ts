import type { ExportPlan } from "./export-format.ts";
import { paperSettings, updatesOf } from "./paper-settings.ts";

/**
 * The settings of the paper as arguments of the trainer of Hugging Face, which TRL and LLaMA-Factory pass on. The warm-up is a number
 * of updates, because newer versions have no share of them any more.
 */
export function trainerArguments({
  trainRows,
  validRows,
}: Pick<ExportPlan, "trainRows" | "validRows">): object {
  const { epochs, learningRate, batchSize, rowsAtATime, seed } = paperSettings;
  return {
    num_train_epochs: epochs,
    learning_rate: learningRate,
    lr_scheduler_type: "cosine",
    warmup_steps: updatesOf(trainRows).warmup,
    per_device_train_batch_size: rowsAtATime,
    gradient_accumulation_steps: batchSize / rowsAtATime,
    bf16: true,
    seed,
    logging_steps: 10,
    report_to: "none",
    output_dir: "adapter",
    save_strategy: "epoch",
    ...(validRows > 0 && {
      eval_strategy: "epoch",
      per_device_eval_batch_size: rowsAtATime,
      load_best_model_at_end: true,
      metric_for_best_model: "eval_loss",
    }),
  };
}
