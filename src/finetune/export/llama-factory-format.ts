import {
  adapterUses,
  dataFiles,
  loraSettings,
  trainingComment,
  messagesRow,
  type ExportFormat,
  type ExportPlan,
} from "./export-format.ts";
import { paperSettings } from "./paper-settings.ts";
import { trainerArguments } from "./trainer-arguments.ts";
import { yamlSections } from "./yaml-sections.ts";

/** LLaMA-Factory, with a `dataset_info.json` of its own beside the rows. */
export const llamaFactory: ExportFormat = {
  title: "LLaMA-Factory",
  defaultModel: "Qwen/Qwen2.5-7B-Instruct",
  install: "pip install llamafactory",
  command: "llamafactory-cli train train.yaml",
  row: messagesRow,
  files: (plan) => [
    { path: "train.yaml", text: config(plan) },
    { path: "data/dataset_info.json", text: `${JSON.stringify(datasetInfo(plan), null, 2)}\n` },
  ],
  settings: loraSettings,
  ...adapterUses,
  caveats:
    "`template` is the chat template by LLaMA-Factory's name for the family of the model. Where `train.yaml` names none, LLaMA-Factory " +
    "takes the one of the tokenizer.",
};

const nameOf = ({ student }: ExportPlan, side: "train" | "validation"): string =>
  `${student.name.replace("-", "_")}_${side}`;

/** Names of templates by the name of the model, the first that fits. */
const templates: readonly (readonly [name: RegExp, template: string])[] = [
  [/qwen-?3/iu, "qwen3_nothink"],
  [/qwen/iu, "qwen"],
  [/llama-?3/iu, "llama3"],
];

function config(plan: ExportPlan): string {
  const { model, validRows, maxTokens } = plan;
  const { rank, alpha, dropout } = paperSettings;
  const template = templates.find(([name]) => name.test(model))?.[1];
  return yamlSections([
    ["The model", { model_name_or_path: model }],
    [
      `The rows: ${dataFiles.train}${validRows === 0 ? "" : ` and ${dataFiles.valid}`}`,
      {
        stage: "sft",
        do_train: true,
        dataset_dir: "data",
        dataset: nameOf(plan, "train"),
        ...(validRows > 0 && { eval_dataset: nameOf(plan, "validation") }),
        ...(template !== undefined && { template }),
        cutoff_len: maxTokens,
      },
    ],
    [
      "LoRA on every linear layer",
      {
        finetuning_type: "lora",
        lora_target: "all",
        lora_rank: rank,
        lora_alpha: alpha,
        lora_dropout: dropout,
      },
    ],
    [trainingComment(plan), { ...trainerArguments(plan), plot_loss: true }],
  ]);
}

function datasetInfo(plan: ExportPlan): object {
  const described = (file: string): object => ({
    file_name: file.replace("data/", ""),
    formatting: "sharegpt",
    columns: { messages: "messages" },
    tags: {
      role_tag: "role",
      content_tag: "content",
      user_tag: "user",
      assistant_tag: "assistant",
      system_tag: "system",
    },
  });
  return {
    [nameOf(plan, "train")]: described(dataFiles.train),
    ...(plan.validRows > 0 && { [nameOf(plan, "validation")]: described(dataFiles.valid) }),
  };
}
