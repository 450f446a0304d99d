import {
  adapterUses,
  dataFiles,
  loraSettings,
  trainingComment,
  type ExportFormat,
  type ExportPlan,
} from "./export-format.ts";
import { paperSettings } from "./paper-settings.ts";
import { trainerArguments } from "./trainer-arguments.ts";
import { yamlSections } from "./yaml-sections.ts";

/**
 * TRL's SFTTrainer. Rows are prompt and completion: its loss is then of the completion alone, whatever the chat template. The trainer
 * finds `train` and `validation` by the names of the files in the folder `data`.
 */
export const trl: ExportFormat = {
  title: "TRL",
  defaultModel: "Qwen/Qwen2.5-7B-Instruct",
  install: "pip install trl peft",
  command: "trl sft --config train.yaml",
  row: ({ prompt, answer }) => ({ prompt, completion: [answer] }),
  files: (plan) => [{ path: "train.yaml", text: config(plan) }],
  settings: loraSettings,
  ...adapterUses,
  caveats: "",
};

function config(plan: ExportPlan): string {
  const { model, validRows, maxTokens } = plan;
  const { rank, alpha, dropout } = paperSettings;
  return yamlSections([
    ["The model", { model_name_or_path: model }],
    [
      `The rows: ${dataFiles.train}${validRows === 0 ? "" : ` and ${dataFiles.valid}`}`,
      {
        dataset_name: "./data",
        dataset_train_split: "train",
        ...(validRows > 0 && { dataset_test_split: "validation" }),
        completion_only_loss: true,
        max_length: maxTokens,
        packing: false,
      },
    ],
    [
      "LoRA on every linear layer",
      {
        use_peft: true,
        lora_r: rank,
        lora_alpha: alpha,
        lora_dropout: dropout,
        lora_target_modules: ["all-linear"],
      },
    ],
    [trainingComment(plan), trainerArguments(plan)],
  ]);
}
