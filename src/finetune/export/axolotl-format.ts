import {
  adapterUses,
  dataFiles,
  loraSettings,
  trainingComment,
  messagesRow,
  type ExportFormat,
  type ExportPlan,
} from "./export-format.ts";
import { paperSettings, updatesOf } from "./paper-settings.ts";
import { yamlSections } from "./yaml-sections.ts";

/** axolotl, with the chat template of the model's tokenizer. */
export const axolotl: ExportFormat = {
  title: "axolotl",
  defaultModel: "Qwen/Qwen2.5-7B-Instruct",
  install: "pip install axolotl",
  command: "axolotl train train.yaml",
  row: messagesRow,
  files: (plan) => [{ path: "train.yaml", text: config(plan) }],
  settings: loraSettings,
  ...adapterUses,
  caveats:
    "`sample_packing: true` is faster. A batch then holds more than 16 conversations, which the paper's settings are not for.",
};

function config({ model, trainRows, validRows, maxTokens }: ExportPlan): string {
  const { rank, alpha, dropout, epochs, learningRate, batchSize, rowsAtATime, seed } =
    paperSettings;
  const updates = updatesOf(trainRows);
  const rows = (path: string): object => ({
    path,
    ds_type: "json",
    split: "train",
    type: "chat_template",
    field_messages: "messages",
    roles_to_train: ["assistant"],
    train_on_eos: "turn",
  });
  return yamlSections([
    ["The model", { base_model: model }],
    [
      "The rows; the loss is of the model's turns, and every row has one",
      {
        datasets: [rows(dataFiles.train)],
        ...(validRows > 0 && { test_datasets: [rows(dataFiles.valid)] }),
        dataset_prepared_path: "prepared",
        sequence_len: maxTokens,
        sample_packing: false,
      },
    ],
    [
      "LoRA on every linear layer",
      {
        adapter: "lora",
        lora_r: rank,
        lora_alpha: alpha,
        lora_dropout: dropout,
        lora_target_linear: true,
      },
    ],
    [
      trainingComment({ trainRows }),
      {
        num_epochs: epochs,
        optimizer: "adamw_torch",
        learning_rate: learningRate,
        lr_scheduler: "cosine",
        warmup_steps: updates.warmup,
        micro_batch_size: rowsAtATime,
        gradient_accumulation_steps: batchSize / rowsAtATime,
        bf16: "auto",
        gradient_checkpointing: true,
        seed,
        logging_steps: 10,
        output_dir: "adapter",
        saves_per_epoch: 1,
        ...(validRows > 0 && { evals_per_epoch: 1 }),
      },
    ],
  ]);
}
