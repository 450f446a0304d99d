import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { alignedRows } from "../../base/aligned-rows.ts";
import { shellWord } from "../../base/shell-word.ts";
import type { FinetunedFile } from "../../finetune/finetune-file.ts";
import { withProgress } from "../progress/with-progress.ts";
import { printText } from "../terminal.ts";

/** Numbers are checked where the options are declared. */
export interface FinetuneOptions {
  readonly base: string;
  readonly out: string;
  readonly epochs?: number;
  readonly rank?: number;
  readonly alpha?: number;
  readonly dropout?: number;
  readonly learningRate?: number;
  readonly maxTokens?: number;
  readonly batchSize?: number;
  readonly valid: number;
  readonly seed?: number;
  readonly threads?: string;
  readonly merge?: boolean;
}

/** Trains an adapter on a file of conversations, and says how well it learned and how to use it. */
export async function finetuneCommand(file: string, options: FinetuneOptions): Promise<void> {
  const { out, base, rank, alpha = rank && 2 * rank, dropout, valid, threads } = options;
  const { epochs, learningRate, maxTokens, batchSize, seed } = options;
  const { finetuneFile } = await import("../../finetune/finetune-file.ts");
  const { trainingSettings } = await import("../../finetune/settings.ts");
  const settings = trainingSettings.parse({
    ...{ epochs, learningRate, maxTokens, batchSize, seed },
    lora: { rank, alpha, dropout },
  });
  const made = await withProgress(async (view, signal) => {
    const follow = view.follow("finetune");
    const told = new Set<string>();
    return finetuneFile({
      ...{ file: resolve(file), base: resolve(base), out: resolve(out), settings, valid, signal },
      threads: threads === undefined ? availableParallelism() : Number(threads),
      checkpointEveryS: 60,
      onProgress: (progress) => {
        for (const note of progress.notes ?? []) {
          if (!told.has(note)) view.say(note);
          told.add(note);
        }
        follow(progress);
      },
    });
  });
  const merged = options.merge === true ? join(out, "merged") : null;
  if (merged !== null) {
    const { mergeAdapter } = await import("../../finetune/merge-adapter.ts");
    await mergeAdapter(resolve(merged), resolve(out), resolve(base));
  }
  printText(`${finetuneText(made, { out, base, merged })}\n`);
}

function finetuneText(
  made: FinetunedFile,
  {
    out,
    base,
    merged,
  }: { readonly out: string; readonly base: string; readonly merged: string | null },
): string {
  const { trainRows, validRows, longRows, longestRow, parameters, epochs, bestEpoch, stopped } =
    made;
  const left =
    longRows === 0
      ? ""
      : `, ${whole(longRows)} left out (the longest has ${whole(longestRow)} tokens)`;
  const rows = epochs.map((one) => [
    String(one.epoch),
    loss(one.trainLoss),
    loss(one.validLoss),
    one.tokens > 0 ? whole(one.tokens) : "",
    one.tokens > 0 ? whole(Math.round(one.tokens / one.seconds)) : "",
    one.epoch === bestEpoch ? "kept" : one.epoch === 0 ? "before training" : "",
  ]);
  const adapter = join(out, "adapter.gguf");
  return [
    made.isKept ? `${out} holds this training already; nothing was done.\n` : "",
    `${whole(trainRows)} rows to train on, ${whole(validRows)} for validation${left}; ${whole(parameters)} trained numbers\n`,
    alignedRows([["epoch", "train loss", "valid loss", "tokens", "tokens/s", ""], ...rows]),
    stopped === null ? "" : `training ended early: ${stopped}`,
    `\nThe adapter is in ${out}: for PEFT, vLLM and others as adapter_model.safetensors with adapter_config.json, for llama.cpp as adapter.gguf.`,
    merged === null ? "" : `The model with the adapter merged into its weights is in ${merged}.`,
    "In a pipeline file:",
    `  knowledge: { actor: { provider: gguf, model: ${base}, adapter: ${adapter} } }`,
    "With llama.cpp's server, for a base model in a .gguf file:",
    `  llama-server -m ${shellWord(base)} --lora ${shellWord(adapter)}`,
  ]
    .filter((line) => line !== "")
    .join("\n");
}

function loss(nats: number | null): string {
  return nats === null ? "" : nats.toFixed(4);
}

function whole(amount: number): string {
  return amount.toLocaleString("en");
}
