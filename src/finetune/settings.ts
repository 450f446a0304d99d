import { z } from "zod";
import { canonicalJson, toJson, type Json } from "../base/json.ts";
import { subjects, type Subject } from "../base/terms.ts";
import { linearNames } from "./decoder/decoder-config.ts";
import type { AdapterSettings } from "./loop/adapter-training.ts";
import { trainerNames } from "./trainer-names.ts";

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

const givenName = z.string().min(1).optional();

const givenSide = z
  .strictObject({
    actor: givenName.describe("Path or name of the actor that was trained. Default: not yet."),
    reflector: givenName.describe("The same of the reflector. Default: not yet."),
  })
  .prefault({});

const givenAdapters = z
  .strictObject({
    users: givenSide.describe("Those about users."),
    items: givenSide.describe("Those about items."),
  })
  .describe(
    "What came of the training elsewhere. For a role of provider gguf: the path of the trainer's folder (PEFT) or of an adapter as a .gguf " +
      "file. For a role of a server: the name under which it serves the model. The run stops for those that are left out.",
  );

/** The `finetune` block of a pipeline file. */
export const finetuneSettings = trainingSettings
  .extend({
    base: z
      .string()
      .min(1)
      .describe(
        "The model to fine-tune, of architecture llama, qwen2 or qwen3: a .gguf file, or a folder as the Hugging Face hub has it " +
          "(config.json, tokenizer.json, *.safetensors). r4ec fetch downloads small ones. With elsewhere: the model as its trainer knows " +
          "it, such as Qwen/Qwen2.5-7B-Instruct; a path begins with a dot or a slash.",
      ),
    elsewhere: z
      .enum(trainerNames)
      .optional()
      .describe(
        "The run trains nothing itself: it writes a folder for this trainer for each role that is played with finetuned, stops with the " +
          "commands to run, and goes on with adapters. Default: the run trains.",
      ),
    adapters: givenAdapters.optional(),
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

/** The settings that differ from their defaults and that only a training in the run follows. */
export function ownTrainingOnly(settings: FinetuneSettings): readonly string[] {
  const { maxTokens: _exported, ...defaults } = trainingSettings.parse({});
  const own: Readonly<Record<string, unknown>> = { ...defaults, maxLong: defaultMaxLong };
  const now: Readonly<Record<string, unknown>> = settings;
  const text = (value: unknown): string => canonicalJson(toJson({ value }));
  return Object.keys(own).filter((name) => text(now[name]) !== text(own[name]));
}
