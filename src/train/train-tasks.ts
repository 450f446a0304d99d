/** @file The train stage's tasks: which models are trained, with what, and from which tables. */
import { z } from "zod";
import { toJson, type Json } from "../base/json.ts";
import { protocols, type Protocol } from "../base/terms.ts";
import {
  backboneName,
  defaultMaxAttributeValues,
  settingsWithoutGrid,
  taskSettings,
  trainSettings,
  USER_ID,
  type TrainSettings,
} from "./settings.ts";
import type { Trial } from "./grid.ts";
import { triedKeys, trialsOf } from "./trials.ts";
import { deal, roleOf, variantRole, type Variant, type VectorSource } from "./variants.ts";

/** The `params` of a train task: what identifies the model, and what its variant changes. */
export const trainParams = z.strictObject({
  backbone: backboneName,
  variant: z.string().min(1).describe("the variant's name"),
  role: variantRole,
  trial: z.int().min(0).describe("number in the grid or search; 0 without one"),
  settings: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("train settings that the trial overrides"),
  seed: trainSettings.shape.seeds.unwrap().element,
  deal: deal.optional().describe("how its vectors are dealt; default own"),
  history: z.int().min(1).optional().describe("overrides train.history"),
  userId: z.literal(true).optional().describe("the user's id is a feature"),
  connectorWeights: z
    .literal("separate")
    .optional()
    .describe("users and items have weights of their own; default what the trial says, or shared"),
});

/** See {@link trainParams}. */
export type TrainParams = z.infer<typeof trainParams>;

/** Names of all user features a model sees, without duplicates. */
export function userFeaturesOf(
  { userFeatures }: Pick<TrainSettings, "userFeatures">,
  { userId }: Pick<TrainParams, "userId">,
): readonly string[] {
  return [...new Set([...userFeatures, ...(userId ? [USER_ID] : [])])];
}

/** The settings that all train tasks share. Seeds, variants and so on are left out: a new seed must not retrain the others. */
export const trainTaskConfig = z.object({ train: taskSettings, protocol: z.enum(protocols) });

/** The train stage's `config`: changes exactly when every model must be trained again. Settings that trials set are left out. */
export function trainStageConfig(
  { grid, search, ...settings }: TrainSettings,
  under: Protocol,
): Json {
  const tried = triedKeys({ grid, search });
  const untried = Object.entries(settings).filter(([key]) => !tried.includes(key));
  const parsed = settingsWithoutGrid.parse(Object.fromEntries(untried));
  // What connectors share is up to each model: it makes no difference to most of them.
  const { form, attributeValues, maxAttributeValues, connectorWeights: _, ...train } = parsed;
  const isReference = under === "reference";
  const auto = {
    form: isReference ? "reference" : "corrected",
    attributeValues: isReference ? "first" : "all",
  };
  const config = trainTaskConfig.parse({
    train: {
      ...train,
      form: form === "auto" ? auto.form : form,
      attributeValues: attributeValues === "auto" ? auto.attributeValues : attributeValues,
      ...(maxAttributeValues !== defaultMaxAttributeValues && { maxAttributeValues }),
    },
    protocol: under,
  });
  return toJson(config);
}

/** A task's settings: those of the stage, overridden by the trial's. */
export function trialConfig(
  config: Json,
  { settings }: Pick<TrainParams, "settings">,
): z.infer<typeof trainTaskConfig> {
  const { train, protocol } = trainTaskConfig.parse(config);
  return trainTaskConfig.parse({ train: { ...train, ...settings }, protocol });
}

/** A model to train. */
export interface TrainTask {
  readonly variant: Variant;
  readonly params: TrainParams;
}

/**
 * One task per backbone, variant, trial and seed, in this order.
 *
 * @param variants - Those of `settings`, resolved
 * @param under - The protocol, which resolves `auto`
 */
export function trainTasks(
  settings: TrainSettings,
  variants: readonly Variant[],
  under: Protocol,
): readonly TrainTask[] {
  const distinct = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];
  const trialsFor = trialsOf(settings);
  return distinct(settings.backbones).flatMap((backbone) =>
    variants.flatMap((variant) =>
      trialsFor({ backbone, variant }).flatMap((trial) =>
        distinct(settings.seeds).map((seed) => ({
          variant,
          params: {
            backbone,
            variant: variant.name,
            role: roleOf(variant),
            ...trial,
            seed,
            ...(variant.vectors !== null &&
              variant.vectors.deal !== "own" && { deal: variant.vectors.deal }),
            ...(variant.hasLongHistory && { history: settings.longHistory }),
            ...(variant.hasUserId && ({ userId: true } as const)),
            ...(hasSeparateWeights(variant, settings, trial, under) && {
              connectorWeights: "separate" as const,
            }),
          },
        })),
      ),
    ),
  );
}

/** Whether a model's connector has weights of their own for users and items. Left to the trial where trials set it. */
function hasSeparateWeights(
  { vectors }: Variant,
  settings: TrainSettings,
  { settings: tried }: Trial,
  under: Protocol,
): boolean {
  const hasBoth = vectors !== null && vectorTables(vectors.source).length === 2;
  if (!hasBoth || triedKeys(settings).includes("connectorWeights")) return false;
  const { connector, connectorWeights, form } = sharingSettings.parse({ ...settings, ...tried });
  if (connector === "hea") return false; // shares some weights by design
  if (connectorWeights !== "auto") return connectorWeights === "separate";
  return form === "auto" ? under !== "reference" : form === "corrected";
}

const sharingSettings = settingsWithoutGrid
  .pick({ connector: true, connectorWeights: true, form: true })
  .strip();

/** The tables that a variant's models read in a trial: Base is not trained again when only knowledge has changed. */
export function trainInputs(
  { vectors }: Variant,
  settings: Pick<TrainSettings, "userFeatures">,
  trial: Pick<TrainParams, "settings"> = {},
): readonly string[] {
  const tried = trial.settings?.["userFeatures"] ?? settings.userFeatures;
  const userFeatures = settingsWithoutGrid.shape.userFeatures.parse(tried);
  return [
    "samples",
    "items",
    ...(userFeatures.some((name) => name !== USER_ID) ? ["users"] : []),
    ...(vectors === null ? [] : vectorTables(vectors.source)),
  ];
}

function vectorTables(source: VectorSource): readonly string[] {
  switch (source.kind) {
    case "knowledge":
      return ["user_embeddings", "item_embeddings"];
    case "stats":
      return ["user_stats", "item_stats"];
    case "files":
      return [
        ...(source.users === undefined ? [] : ["user_embeddings"]),
        ...(source.items === undefined ? [] : ["item_embeddings"]),
      ];
  }
}
