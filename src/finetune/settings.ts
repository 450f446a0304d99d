import { z } from "zod";
import { toJson, type Json } from "../base/json.ts";
import { subjects, type Subject } from "../base/terms.ts";
import { linearNames } from "./decoder/decoder-config.ts";
import type { AdapterSettings } from "./loop/adapter-training.ts";

/** The linear layers as settings name them, without the part of the decoder that they are in. */
const targetNames = [
  "q_proj",
  "k_proj",
  "v_proj",
  "o_proj",
  "gate_proj",
  "up_proj",
  "down_proj",
] as const;

const loraSettings = z
  .strictObject({
    rank: z.int().min(1).max(256).default(8).describe("Rank r of the matrices A and B."),
    alpha: z
      .number()
      .positive()
      .default(16)
      .describe("The change of a layer is scaled by alpha / rank."),
    dropout: z
      .number()
      .min(0)
      .lt(1)
      .default(0.05)
      .describe("Share of a layer's inputs that training hides from the adapter."),
    targets: z
      .array(z.enum(targetNames))
      .min(1)
      .readonly()
      .default(targetNames)
      .describe("Linear layers that are adapted. Default: all seven."),
  })
  .prefault({})
  .describe("Low-rank adaptation (LoRA): what is trained beside the frozen base model.");

/** The settings of a training of any chat data. */
export const trainingSettings = z.strictObject({
  lora: loraSettings,
  epochs: z.int().min(1).max(1000).default(3).describe("Passes over the rows."),
  learningRate: z.number().positive().default(1e-4).describe("Peak learning rate of AdamW."),
  schedule: z
    .enum(["cosine", "constant"])
    .default("cosine")
    .describe("How the rate goes on after the warm-up: down to 0 by a cosine, or constant."),
  warmup: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe("Share of the updates in which the rate rises to its peak."),
  batchSize: z.int().min(1).default(16).describe("Rows per update."),
  maxTokens: z
    .int()
    .min(16)
    .default(2048)
    .describe(
      "Most tokens of a row, prompt and answer; longer rows are left out, and counted. Memory grows with it.",
    ),
  clip: z.number().positive().default(1).describe("Most norm of the gradients of an update."),
  weightDecay: z.number().min(0).default(0).describe("Weight decay of AdamW."),
  seed: z
    .int()
    .min(0)
    .default(1)
    .describe("Seed of the adapter's start, the order of the rows, and dropout."),
});

export type TrainingSettings = z.output<typeof trainingSettings>;

/** The share of too long rows beyond which the rows left may not stand for all. */
const defaultMaxLong = 0.1;

/** The `finetune` block of a pipeline file. */
export const finetuneSettings = trainingSettings
  .extend({
    base: z
      .string()
      .min(1)
      .describe(
        "The model to fine-tune, of architecture llama, qwen2 or qwen3: a .gguf file, or a folder as the Hugging Face hub has it " +
          "(config.json, tokenizer.json, *.safetensors). r4ec fetch downloads small ones.",
      ),
    maxLong: z
      .number()
      .min(0)
      .max(1)
      .default(defaultMaxLong)
      .describe(
        "Most rows of an adapter that may be left out because they are longer than maxTokens, as a share; the run stops beyond it.",
      ),
    evaluate: z
      .int()
      .min(0)
      .default(50)
      .describe(
        "Most validation rows per adapter whose prompts are asked of the base model and of the adapter, to show what fine-tuning changed; " +
          "only of roles with adapter: finetuned. 0: none.",
      ),
    reasonOnly: z
      .boolean()
      .default(false)
      .describe(
        "Whether only actors are trained, and only to reason (R2ec). Otherwise actors learn to reason and refine, and reflectors to reflect (R4ec).",
      ),
  })
  .describe(
    "Fine-tunes actor and reflector, for users and for items, on what the teacher wrote. Defaults are the paper's (section 3.4).",
  );

/** {@link finetuneSettings} as checked. */
export type FinetuneSettings = z.output<typeof finetuneSettings>;

export const adapterRoles = ["actor", "reflector"] as const;
export type AdapterRole = (typeof adapterRoles)[number];

/** Whose adapter it is. */
export interface AdapterIdentity {
  readonly subject: Subject;
  readonly role: AdapterRole;
}

/** The adapters of a run, in the order of their tasks. */
export function adaptersOf({
  reasonOnly,
}: Pick<FinetuneSettings, "reasonOnly">): readonly AdapterIdentity[] {
  const roles = reasonOnly ? (["actor"] as const) : adapterRoles;
  return subjects.flatMap((subject) => roles.map((role) => ({ subject, role })));
}

/** What decides the trained numbers, as the trainer takes it. */
export function adapterSettings({ lora, ...settings }: TrainingSettings): AdapterSettings {
  const targets = linearNames.filter((name) =>
    lora.targets.some((target) => name.endsWith(`.${target}`)),
  );
  const { epochs, learningRate, schedule, warmup, batchSize, maxTokens } = settings;
  const { clip, weightDecay, seed } = settings;
  return {
    ...{ lora: { ...lora, targets }, epochs, learningRate, schedule, warmup },
    ...{ batchSize, maxTokens, clip, weightDecay, seed },
  };
}

/** The same as part of a task's key: in one order of the layers, however they are listed. */
export function trainingIdentity({ lora, ...settings }: TrainingSettings): Json {
  const targets = targetNames.filter((name) => lora.targets.includes(name));
  return toJson(trainingSettings.strip().parse({ ...settings, lora: { ...lora, targets } }));
}
