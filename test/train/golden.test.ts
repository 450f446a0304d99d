/** @file Agreement with the reference's own numbers: probabilities, loss and gradient norms for given weights. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";
import { z } from "zod";

import { autoint } from "../../src/models/backbones/autoint.ts";
import { dcn } from "../../src/models/backbones/dcn.ts";
import { heaConnector } from "../../src/models/connectors/hea-connector.ts";
import { mlpConnector } from "../../src/models/connectors/mlp-connector.ts";
import type { Backbone, Connector } from "../../src/models/model.ts";
import type { Batch, ModelShape } from "../../src/train/engine.ts";
import { createOnnxModel } from "../../src/train/onnx/onnx-model.ts";

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

type GoldenCase = z.infer<typeof goldenCase>;
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
};

const connectorOf: Readonly<Record<string, (config: GoldenConfig) => Connector>> = {
  MLP: (config) => mlpConnector({ hidden: config.convert_arch[0] ?? 0 }),
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

const files = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => join(folder, name)),
);

describe("goldens of the reference", () => {
  if (files.length === 0) {
    test.skip("no golden files here: set R4EC_SHARED or R4EC_GOLDEN_DIR", () => undefined);
  }
  for (const file of files) {
    const golden = goldenCase.parse(JSON.parse(readFileSync(file, "utf8")));
    const [backboneName = "", knowledge, connectorName = "MLP"] = golden.case.split("|");
    const backbone = backboneOf[backboneName];
    const connector = connectorOf[connectorName];
    if (backbone === undefined || connector === undefined) {
      test.skip(`${golden.case}: no such model here yet`, () => undefined);
      continue;
    }
    test(golden.case, async () => {
      const model = await createOnnxModel({
        backbone: backbone(golden.config),
        connector: connector(golden.config),
        shape: shapeOf(golden, knowledge === "aug"),
        seed: 1,
        threads: 1,
      });
      try {
        expect([...model.parameters.keys()].sort()).toEqual(Object.keys(golden.params).sort());
        for (const { name, shape, values } of model.parameters.values()) {
          expect(golden.params[name]?.shape, name).toEqual(shape);
          values.set(golden.params[name]?.data ?? []);
        }
        const batch = batchOf(golden);
        const loss = await model.backward(batch);
        expect(Math.abs(loss - golden.loss)).toBeLessThanOrEqual(1e-5);

        const probabilities = await model.predict(batch);
        golden.prob.data.forEach((expected, row) => {
          expect(Math.abs((probabilities[row] ?? NaN) - expected)).toBeLessThanOrEqual(1e-5);
        });
        for (const { name, gradient } of model.parameters.values()) {
          const expected = golden.grad_l2[name] ?? NaN;
          const tolerance = Math.max(1e-4 * expected, 1e-6);
          expect(Math.abs(Math.hypot(...gradient) - expected), name).toBeLessThanOrEqual(tolerance);
        }
      } finally {
        await model.close();
      }
    });
  }
});

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

function batchOf({ batch }: GoldenCase): Batch {
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
