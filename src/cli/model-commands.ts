/** @file The commands about language models, as the command line describes them. */
import { InvalidArgumentError, type Command } from "commander";
import type { FinetuneOptions } from "./finetune-command.ts";

/** Adds the command finetune. */
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
  r4ec fetch SmolLM2-135M-Instruct
  r4ec finetune answers.jsonl --base SmolLM2-135M-Instruct.gguf \\
    --out adapters/support --epochs 3 --max-tokens 1024

A line of answers.jsonl:
  {"prompt": "How do I return a book?", "answer": "Within 30 days, ..."}

To fine-tune actor and reflector of a run on what a teacher writes, add a
finetune block to its pipeline file: see docs/finetune.md.`,
    )
    .action(async (file: string, options: FinetuneOptions) =>
      (await import("./finetune-command.ts")).finetuneCommand(file, options),
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
