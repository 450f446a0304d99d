/** @file The commands about language models, as the command line describes them. */
import { InvalidArgumentError, Option, type Command } from "commander";
import { describeChatModels, modelForms } from "../../finetune/fetch/chat-model-presets.ts";
import { trainerNames } from "../../finetune/trainer-names.ts";
import type { ExportSftOptions } from "./export-sft-command.ts";
import type { FetchOptions } from "./fetch-command.ts";
import type { FinetuneOptions } from "./finetune-command.ts";

/** Adds the commands finetune, export-sft and fetch. */
export function addModelCommands(program: Command, threads: (value: string) => string): void {
  program
    .command("finetune")
    .summary("fine-tune a small language model (LoRA) on conversations of your own, without Python")
    .description(
      "Trains a LoRA adapter for a model of architecture llama, qwen2 or qwen3 on the CPU, and writes it for PEFT and for llama.cpp. " +
        'A row of the file is {"messages": [...]} with the answer as its last message, or {"prompt": ..., "answer": ...} (also ' +
        '"completion" or "response"). Only the answers are learned. Defaults are those of the R4ec paper. ' +
        "After an interruption, run it again to go on.",
    )
    .argument("<data.jsonl>", "JSON lines, one conversation each")
    .requiredOption(
      "--base <path>",
      "the model: a .gguf file, or a folder with config.json, tokenizer.json and *.safetensors; r4ec fetch downloads small ones",
    )
    .requiredOption("--out <dir>", "folder for the adapter")
    .option("--epochs <n>", "passes over the rows (default: 3)", wholeNumber)
    .option("--rank <n>", "rank of LoRA (default: 8)", wholeNumber)
    .option("--alpha <x>", "scale of LoRA, divided by the rank (default: twice the rank)", positive)
    .option("--dropout <x>", "share of inputs hidden from the adapter (default: 0.05)", share)
    .option("--learning-rate <x>", "peak learning rate (default: 0.0001)", positive)
    .option(
      "--max-tokens <n>",
      "most tokens of a row; longer rows are left out and counted (default: 2048)",
      wholeNumber,
    )
    .option("--batch-size <n>", "rows per update (default: 16)", wholeNumber)
    .option(
      "--valid <share>",
      "share of the rows kept for validation, which chooses the epoch; 0: none",
      share,
      0.1,
    )
    .option("--seed <n>", "seed of start, order, dropout and validation rows (default: 1)", seed)
    .option("--threads <n>", "cores to use (default: all of this machine)", threads)
    .option("--merge", "also write the model with the adapter merged into its weights: OUT/merged")
    .addHelpText(
      "after",
      `
Example: teach a small model your own support answers
  r4ec fetch smollm2-135m --format gguf     # says where the file is
  r4ec finetune answers.jsonl --base FILE.gguf \\
    --out adapters/support --epochs 3 --max-tokens 1024

A line of answers.jsonl:
  {"prompt": "How do I return a book?", "answer": "Within 30 days, ..."}

To fine-tune actor and reflector of a run on what a teacher writes, add a
finetune block to its pipeline file: see docs/finetune.md.`,
    )
    .action(async (file: string, options: FinetuneOptions) =>
      (await import("./finetune-command.ts")).finetuneCommand(file, options),
    );

  program
    .command("export-sft")
    .summary("write a run's fine-tuning data as folders that other trainers start from")
    .description(
      "Makes a folder for each model of the method (user-actor, user-reflector, item-actor, item-reflector) from the data of the run's teacher: " +
        "rows for training and for validation, a configuration with the paper's settings, and a README with the command that starts it. " +
        "Every row has one turn of the model, the answer.",
    )
    .argument("<run>", "run folder, with the stage construct done")
    .addOption(
      new Option("--format <name>", "the trainer").choices(trainerNames).makeOptionMandatory(),
    )
    .requiredOption("--out <dir>", "folder to write to; empty, or not there yet")
    .option("--model <name>", "model to start from (default: that of the paper, or of the service)")
    .option(
      "--max-tokens <n>",
      "most tokens of a row; longer rows go to over-limit.jsonl and are told",
      wholeNumber,
      2048,
    )
    .option("--reason-only", "only the actors, trained on reasoning alone (R2ec)")
    .addHelpText(
      "after",
      `
Examples:
  r4ec run pipeline.yaml --to construct
  r4ec export-sft runs/NAME --format trl --out sft
  (cd sft/user-actor && trl sft --config train.yaml)

  r4ec export-sft runs/NAME --format llama-factory --out sft \\
    --model Qwen/Qwen3-4B-Instruct-2507 --max-tokens 4096
  r4ec export-sft runs/NAME --format openai --out r2ec --reason-only
  r4ec sql runs/NAME --saved lesson_lengths --param limit=4096`,
    )
    .action(async (run: string, options: ExportSftOptions) =>
      (await import("./export-sft-command.ts")).exportSftCommand(run, options),
    );

  program
    .command("fetch")
    .summary("download an encoder or a small language model from the Hugging Face hub")
    .description(
      "Downloads a model with its tokenizer and configuration, checks sizes and hashes, and resumes interrupted downloads. " +
        "Afterwards set encode.encoder to an encoder's name or, for any other repository, to the folder that is printed; " +
        "finetune.base to the folder or file of a language model.",
    )
    .argument(
      "<name>",
      "an encoder: bge-m3, bert-base, longformer, or a repository such as intfloat/e5-base-v2; or a language model of those below",
    )
    .addOption(
      new Option(
        "--format <form>",
        "fetch a language model in this form, gguf with 8-bit weights, also from a repository such as Qwen/Qwen3-0.6B " +
          "(default: safetensors for those below)",
      ).choices(modelForms),
    )
    .option(
      "--endpoint <url>",
      "URL of another hub (default: HF_ENDPOINT or https://huggingface.co)",
    )
    .option("--cache <dir>", "where models are kept (default: the user's cache folder)")
    .addHelpText("after", `\nLanguage models:\n${describeChatModels()}`)
    .action(async (name: string, options: FetchOptions) =>
      (await import("./fetch-command.ts")).fetchCommand(name, options),
    );
}

function wholeNumber(value: string): number {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw new InvalidArgumentError("Expected a whole number >= 1.");
}

function seed(value: string): number {
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new InvalidArgumentError("Expected a whole number >= 0.");
}

function positive(value: string): number {
  const number = value.trim() === "" ? NaN : Number(value);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new InvalidArgumentError("Expected a number above 0.");
}

function share(value: string): number {
  const number = value.trim() === "" ? NaN : Number(value);
  if (number >= 0 && number < 1) return number;
  throw new InvalidArgumentError("Expected a share from 0 to below 1, such as 0.1.");
}
