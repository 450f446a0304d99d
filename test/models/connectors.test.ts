import { describe, expect, test } from "vitest";

import { heaConnector } from "../../src/models/connectors/hea-connector.ts";
import { mlpConnector } from "../../src/models/connectors/mlp-connector.ts";
import { moeConnector } from "../../src/models/connectors/moe-connector.ts";
import type { Connector } from "../../src/models/model.ts";
import {
  evaluate,
  gradientError,
  gradientTolerance,
  smallShape,
  type Harness,
} from "../autodiff/graph-harness.ts";

const prefix = "convert_module.sub_module";

/** Two rows, vectors of one number, embeddings of one number: every expert is `relu(w2 relu(w1 x + b1) + b2)`. */
const scalarShape = {
  ...smallShape,
  batchSize: 2,
  embeddingDim: 1,
  knowledge: { userDim: 1, itemDim: 1 },
};

const connect = (connector: Connector, width: number) => (harness: Harness) =>
  connector(harness, {
    user: harness.leaf("user", [harness.shape.batchSize, width]),
    item: harness.leaf("item", [harness.shape.batchSize, width]),
  });

const sharing = [
  ["mlp", mlpConnector({ hidden: 4, weights: "shared" })],
  ["hea", heaConnector({ hidden: 3, sharedExperts: 2, ownExperts: 3 })],
  ["moe", moeConnector({ hidden: 3, weights: "shared" })],
] as const;
const separate = [
  ["mlp, separate", mlpConnector({ hidden: 4 })],
  ["moe, separate", moeConnector({ hidden: 3 })],
] as const;
const connectors = [...sharing, ...separate];

describe("connectors", () => {
  test.each(connectors)(
    "%s has the same gradient as finite differences",
    async (_name, connector) => {
      const shape = { ...smallShape, knowledge: { userDim: 3, itemDim: 3 } };
      const error = await gradientError(connect(connector, 3), { shape });
      expect(error).toBeLessThan(gradientTolerance);
    },
  );

  test.each(separate)("%s takes vectors of different widths", async (_name, connector) => {
    const shape = { ...smallShape, knowledge: { userDim: 3, itemDim: 4 } };
    const build = (harness: Harness) =>
      connector(harness, {
        user: harness.leaf("user", [harness.shape.batchSize, 3]),
        item: harness.leaf("item", [harness.shape.batchSize, 4]),
      });
    expect((await evaluate(build, { shape })).shape).toEqual([3, 4]); // two of width 2
    expect(await gradientError(build, { shape })).toBeLessThan(gradientTolerance);
  });

  test.each(sharing)("%s refuses vectors of different widths", async (name, connector) => {
    const shape = { ...smallShape, knowledge: { userDim: 3, itemDim: 4 } };
    await expect(evaluate(connect(connector, 3), { shape })).rejects.toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message: expect.stringContaining(`Connector "${name}"`) as string,
      }),
    );
  });
});

describe("mlpConnector", () => {
  test("has weights of their own for users and items, and puts the user first", async () => {
    const side = (name: string, inner: number, outer: number) => ({
      [`${prefix}.${name}.fc.0.weight`]: [inner],
      [`${prefix}.${name}.fc.0.bias`]: [1],
      [`${prefix}.${name}.fc.3.weight`]: [outer],
      [`${prefix}.${name}.fc.3.bias`]: [0],
    });
    const { shape, values } = await evaluate(connect(mlpConnector({ hidden: 1 }), 1), {
      shape: scalarShape,
      values: { user: [1, 2], item: [3, -1], ...side("user", 2, 10), ...side("item", 3, 100) },
    });
    expect(shape).toEqual([2, 2]);
    expect(values).toEqual([30, 1000, 50, 0]); // 10 relu(2 x + 1) and 100 relu(3 x + 1)
  });

  test("shares weights between users and items where that is asked for", async () => {
    const shared = mlpConnector({ hidden: 1, weights: "shared" });
    const { shape, values } = await evaluate(connect(shared, 1), {
      shape: scalarShape,
      values: {
        user: [1, 2],
        item: [3, -1],
        [`${prefix}.fc.0.weight`]: [2],
        [`${prefix}.fc.0.bias`]: [1],
        [`${prefix}.fc.3.weight`]: [10],
        [`${prefix}.fc.3.bias`]: [0],
      },
    });
    expect(shape).toEqual([2, 2]);
    expect(values).toEqual([30, 70, 50, 0]); // 10 relu(2 x + 1)
  });
});

describe("heaConnector", () => {
  test("the gate weights the shared experts first, then those of its side", async () => {
    const connector = heaConnector({ hidden: 1, sharedExperts: 1, ownExperts: 1 });
    const expert = (name: string, factor: number) => ({
      [`${prefix}.${name}.fc.0.weight`]: [1],
      [`${prefix}.${name}.fc.0.bias`]: [0],
      [`${prefix}.${name}.fc.3.weight`]: [factor],
      [`${prefix}.${name}.fc.3.bias`]: [0],
    });
    const gate = (side: number) => ({
      [`${prefix}.gate_net.${side}.weight`]: [0, 0],
      [`${prefix}.gate_net.${side}.bias`]: [0, Math.log(3)], // weights 1/4 and 3/4
    });
    const { values } = await evaluate(connect(connector, 1), {
      shape: scalarShape,
      values: {
        user: [1, 2],
        item: [1, 2],
        ...expert("share_expt_net.0", 4),
        ...expert("spcf_expt_net.0.0", 8),
        ...expert("spcf_expt_net.1.0", 40),
        ...gate(0),
        ...gate(1),
      },
    });
    // User: 4/4 + 8 * 3/4 = 7. Item: 4/4 + 40 * 3/4 = 31.
    expect(values.map((value) => Math.round(value * 1e4) / 1e4)).toEqual([7, 31, 14, 62]);
  });
});

describe("moeConnector", () => {
  test("weights its experts by the gate, of their own for users and items", async () => {
    const side = (name: string, gate: number) => ({
      ...Object.fromEntries(
        (["fc.0.weight", "fc.0.bias", "fc.3.weight", "fc.3.bias"] as const).map((part) => [
          [0, 1].map((expert) => `${prefix}.${name}.expt_net.${expert}.${part}`).join("+"),
          part === "fc.0.weight" ? [1, 1] : part === "fc.3.weight" ? [4, 8] : [0, 0],
        ]),
      ),
      [`${prefix}.${name}.gate_net.weight`]: [0, 0],
      [`${prefix}.${name}.gate_net.bias`]: [0, gate],
    });
    const { values } = await evaluate(connect(moeConnector({ hidden: 1 }), 1), {
      shape: scalarShape,
      values: {
        ...{ user: [1, 2], item: [1, 3] },
        ...side("user", Math.log(3)), // weights 1/4 and 3/4
        ...side("item", 0), // 1/2 and 1/2
      },
    });
    // User: x (4/4 + 8 * 3/4) = 7 x. Item: x (4/2 + 8/2) = 6 x.
    expect(values.map((value) => Math.round(value * 1e4) / 1e4)).toEqual([7, 6, 14, 18]);
  });

  test("shares experts and gate where that is asked for", async () => {
    /** Of both experts, which are stacked. */
    const both = (name: string, values: readonly number[]) => ({
      [[0, 1].map((expert) => `${prefix}.expt_net.${expert}.${name}`).join("+")]: values,
    });
    const shared = moeConnector({ hidden: 1, weights: "shared" });
    const { shape, values } = await evaluate(connect(shared, 1), {
      shape: scalarShape,
      values: {
        user: [1, 2],
        item: [3, -1],
        ...both("fc.0.weight", [1, 1]),
        ...both("fc.0.bias", [0, 0]),
        ...both("fc.3.weight", [4, 8]),
        ...both("fc.3.bias", [0, 0]),
        [`${prefix}.gate_net.weight`]: [0, 0],
        [`${prefix}.gate_net.bias`]: [0, Math.log(3)], // weights 1/4 and 3/4
      },
    });
    expect(shape).toEqual([2, 2]);
    // relu(x) (4/4 + 8 * 3/4), user first.
    expect(values.map((value) => Math.round(value * 1e4) / 1e4)).toEqual([7, 21, 14, 0]);
  });
});

describe("a connector with vectors of one side only", () => {
  test.each(connectors)("%s gives that side's features", async (_name, connector) => {
    const shape = { ...smallShape, knowledge: { itemDim: 3 } };
    const build = (harness: Harness) =>
      connector(harness, { item: harness.leaf("item", [harness.shape.batchSize, 3]) });
    const alone = await evaluate(build, { shape });
    expect(alone.shape).toEqual([3, 2]);
    expect(await gradientError(build, { shape })).toBeLessThan(gradientTolerance);
  });

  test.each([mlpConnector, moeConnector])(
    "is the same model, shared or separate",
    async (create) => {
      const shape = { ...smallShape, knowledge: { itemDim: 3 } };
      const alone = (weights: "shared" | "separate") =>
        evaluate(
          (harness: Harness) =>
            create({ hidden: 3, weights })(harness, {
              item: harness.leaf("item", [harness.shape.batchSize, 3]),
            }),
          { shape },
        );
      expect(await alone("separate")).toEqual(await alone("shared"));
    },
  );
});
