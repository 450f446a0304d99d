/** @file Reads the reference's own numbers for given weights, and says which of our models they belong to. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { autoint } from "../../../src/models/backbones/autoint.ts";
import { dcn } from "../../../src/models/backbones/dcn.ts";
import { dcnv2 } from "../../../src/models/backbones/dcnv2.ts";
import { deepfm } from "../../../src/models/backbones/deepfm.ts";
import { dien } from "../../../src/models/backbones/dien.ts";
import { din } from "../../../src/models/backbones/din.ts";
import { fibinet } from "../../../src/models/backbones/fibinet.ts";
import { fignn } from "../../../src/models/backbones/fignn.ts";
import { gru4rec } from "../../../src/models/backbones/gru4rec.ts";
import { xdeepfm } from "../../../src/models/backbones/xdeepfm.ts";
import { heaConnector } from "../../../src/models/connectors/hea-connector.ts";
import { mlpConnector } from "../../../src/models/connectors/mlp-connector.ts";
import { moeConnector } from "../../../src/models/connectors/moe-connector.ts";
import type { Backbone, Connector } from "../../../src/models/model.ts";
import type { Batch, ModelShape } from "../../../src/train/engine/engine.ts";
import type { ModelDefinition } from "../../../src/train/engine/model-definition.ts";

const tensor = z.object({ shape: z.array(z.number()), data: z.array(z.number()) });
const widths = z.array(z.number());

const goldenCase = z.object({
  case: z.string(),
  config: z.object({
    embed_dim: z.number(),
    final_mlp_arch: widths,
    convert_arch: widths,
    dcn_deep_arch: widths,
    dcn_cross_num: z.number(),
    deepfm_deep_arch: widths,
    cin_layer_units: widths,
    gnn_layer_num: z.number(),
    hidden_size: z.number(),
    attn_size: z.number(),
    num_attn_layers: z.number(),
    share_experts: z.number(),
    specific_export_num: z.number(),
    item_num: z.number(),
    attr_num: z.number(),
    attr_ft_num: z.number(),
    rating_num: z.number(),
    dense_dim: z.number(),
    max_hist_len: z.number(),
  }),
  batch: z.object({
    iid: tensor,
    aid: tensor,
    lb: tensor,
    hist_iid_seq: tensor,
    hist_aid_seq: tensor,
    hist_rate_seq: tensor,
    hist_seq_len: tensor,
    hist_aug_vec: tensor,
    item_aug_vec: tensor,
  }),
  params: z.record(z.string(), tensor),
  prob: tensor,
  loss: z.number(),
  grad_l2: z.record(z.string(), z.number().nullable()),
});

/** One of the reference's models with its parameters, a batch, and what it computes from them. */
export type GoldenCase = z.infer<typeof goldenCase>;
type GoldenConfig = GoldenCase["config"];

/** The reference's name of a backbone to ours. A backbone joins here when it joins the registry. */
const backboneOf: Readonly<Record<string, (config: GoldenConfig) => Backbone>> = {
  AutoInt: (config) =>
    autoint({ layers: config.num_attn_layers, attentionWidth: config.attn_size }),
  DCNv1: (config) =>
    dcn({
      crossLayers: config.dcn_cross_num,
      deepWidths: config.dcn_deep_arch,
      finalWidths: config.final_mlp_arch,
      residual: "lost",
    }),
  DCNv2: (config) =>
    dcnv2({
      crossLayers: config.dcn_cross_num,
      deepWidths: config.dcn_deep_arch,
      finalWidths: config.final_mlp_arch,
    }),
  DeepFM: (config) => deepfm({ deepWidths: config.deepfm_deep_arch }),
  "DIEN|GRU": (config) =>
    dien({ form: "reference", gru: "gru", finalWidths: config.final_mlp_arch }),
  "DIEN|AIGRU": (config) =>
    dien({ form: "reference", gru: "aigru", finalWidths: config.final_mlp_arch }),
  DIN: (config) => din({ finalWidths: config.final_mlp_arch, statistics: "batch" }),
  FiBiNet: (config) => fibinet({ deepWidths: config.final_mlp_arch }),
  FiGNN: (config) => fignn({ rounds: config.gnn_layer_num }),
  GRU4REC_as_coded: (config) => gru4rec({ ...gru4recSizes(config), attentionOver: "batch" }),
  GRU4REC_per_sample: (config) => gru4rec({ ...gru4recSizes(config), attentionOver: "sample" }),
  xDeepFM: (config) =>
    xdeepfm({ interactionWidths: config.cin_layer_units, deepWidths: config.final_mlp_arch }),
};

function gru4recSizes(config: GoldenConfig) {
  return {
    width: config.hidden_size,
    heads: 4, // fixed in the reference
    finalWidths: config.final_mlp_arch,
  };
}

const connectorOf: Readonly<Record<string, (config: GoldenConfig) => Connector>> = {
  MLP: (config) => mlpConnector({ hidden: config.convert_arch[0] ?? 0, weights: "shared" }),
  MoE: (config) => moeConnector({ hidden: config.convert_arch[0] ?? 0, weights: "shared" }),
  HEA: (config) =>
    heaConnector({
      hidden: config.convert_arch[0] ?? 0,
      sharedExperts: config.share_experts,
      ownExperts: config.specific_export_num,
    }),
};

const folders = [
  join(process.env.R4EC_SHARED ?? "../shared", "golden"),
  ...(process.env.R4EC_GOLDEN_DIR ? [process.env.R4EC_GOLDEN_DIR] : []),
].filter((folder) => existsSync(folder));

/** Paths of all golden cases there are here: in `R4EC_SHARED` and in `R4EC_GOLDEN_DIR`. */
export const goldenFiles = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => join(folder, name)),
);

/** Reads one of {@link goldenFiles}, without parameters of no numbers: PyTorch keeps even the weights of knowledge in Base. */
export function readGolden(file: string): GoldenCase {
  const golden = goldenCase.parse(JSON.parse(readFileSync(file, "utf8")));
  const parameters = Object.entries(golden.params).filter(([, { data }]) => data.length > 0);
  return { ...golden, params: Object.fromEntries(parameters) };
}

/** The model of a case. A case of a model that is not here is an error: none goes unnoticed. */
export function modelOf(golden: GoldenCase): ModelDefinition {
  const [name = "", knowledge, ...rest] = golden.case.split("|");
  const gru = rest.find((word) => `${name}|${word}` in backboneOf);
  const backbone = backboneOf[gru === undefined ? name : `${name}|${gru}`]?.(golden.config);
  const connector = connectorOf[rest.find((word) => word in connectorOf) ?? "MLP"]?.(golden.config);
  if (backbone === undefined || connector === undefined) {
    throw new Error(`golden case "${golden.case}": no such model here`);
  }
  return { backbone, connector, shape: shapeOf(golden, knowledge === "aug") };
}

function shapeOf({ config, batch }: GoldenCase, knowledge: boolean): ModelShape {
  return {
    batchSize: batch.iid.data.length,
    items: config.item_num,
    attributeValues: config.attr_num,
    attributeSlots: Array<number>(config.attr_ft_num).fill(1),
    ratings: config.rating_num,
    history: config.max_hist_len,
    embeddingDim: config.embed_dim,
    ...(knowledge && { knowledge: { userDim: config.dense_dim, itemDim: config.dense_dim } }),
  };
}

/** The batch of a case. */
export function batchOf({ batch }: GoldenCase): Batch {
  return {
    size: batch.iid.data.length,
    items: Int32Array.from(batch.iid.data),
    attributes: Int32Array.from(batch.aid.data),
    historyItems: Int32Array.from(batch.hist_iid_seq.data),
    historyAttributes: Int32Array.from(batch.hist_aid_seq.data),
    historyRatings: Int32Array.from(batch.hist_rate_seq.data),
    historyLengths: Int32Array.from(batch.hist_seq_len.data),
    userVectors: Float32Array.from(batch.hist_aug_vec.data),
    itemVectors: Float32Array.from(batch.item_aug_vec.data),
    labels: Float32Array.from(batch.lb.data),
  };
}
