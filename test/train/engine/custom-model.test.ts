import { describe, expect, test } from "vitest";
import type { Backbone, Connector } from "../../../src/models/model.ts";
import { mlpConnector } from "../../../src/models/connectors/mlp-connector.ts";
import { dcn } from "../../../src/models/backbones/dcn.ts";
import { createEngine } from "../../../src/train/engine/create-engine.ts";
import type { EngineRequest } from "../../../src/train/engine/engine.ts";
import { randomBatch, tinyShape } from "./random-batch.ts";

const shape = { ...tinyShape, knowledge: { userDim: 3 } };

/** One weight per item plus the sum of the knowledge features. */
const itemBias: Backbone = ({ ops, parameters, shape: { items } }, { items: ids }, knowledge) => {
  const weights = parameters.get("bias.weight", [items + 1, 1], "xavierNormal");
  const biases = ops.sum(ops.gather(weights, ids), [1]); // [B]
  return knowledge === undefined ? biases : ops.add(biases, ops.sum(knowledge, [1]));
};

/** The user's vector as it is. */
const untouched: Connector = (_scope, { user }) => {
  if (user === undefined) throw new Error("no user vectors");
  return user;
};

async function trained(request: Pick<EngineRequest, "backbone" | "connector" | "engine">) {
  const engine = await createEngine({ ...request, shape, seed: 1, threads: 1 });
  const batch = randomBatch(shape);
  const losses: number[] = [];
  for (let step = 0; step < 30; step++) losses.push(await engine.step(batch, 0.1));
  const { tensors } = engine;
  const snapshot = await engine.snapshot();
  await engine.close();
  return { losses, tensors, snapshot };
}

describe("createEngine", () => {
  test.each(["onnx", "tfjs"] as const)(
    "%s trains a backbone and a connector given as functions",
    async (engine) => {
      const { losses, tensors } = await trained({
        backbone: itemBias,
        connector: untouched,
        engine,
      });
      expect(tensors).toEqual([
        { name: "bias.weight", shape: [tinyShape.items + 1, 1], kind: "parameter" },
      ]);
      expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 2);
    },
  );

  test("a built-in backbone is the same model by name and as a function", async () => {
    const named = await trained({ backbone: "dcn", connector: "mlp" });
    expect(await trained({ backbone: dcn(), connector: mlpConnector() })).toEqual(named);
  });

  test("a parameter that the loss does not depend on is a bug in the model", async () => {
    const wasteful: Backbone = (scope, inputs, knowledge) => {
      scope.parameters.get("unused", [1], "zeros");
      return itemBias(scope, inputs, knowledge);
    };
    await expect(trained({ backbone: wasteful, connector: untouched })).rejects.toThrow(
      'the loss does not depend on "unused"',
    );
  });
});
