/** @file Layers that combine a row's fields. */
import { describe, expect, test } from "vitest";

import { bilinearInteraction } from "../../../src/models/layers/interactions/bilinear-interaction.ts";
import { compressedInteraction } from "../../../src/models/layers/interactions/compressed-interaction.ts";
import { pairwiseProducts } from "../../../src/models/layers/interactions/factorization-machine.ts";
import { featureGraph } from "../../../src/models/layers/interactions/feature-graph.ts";
import { squeezeExcitation } from "../../../src/models/layers/interactions/squeeze-excitation.ts";
import type { Node } from "../../../src/autodiff/graph.ts";
import {
  evaluate,
  gradientError,
  gradientTolerance,
  smallShape,
  type Harness,
} from "../../autodiff/graph-harness.ts";

type Layer = (harness: Harness, fields: Node) => Node;

const layers: Readonly<Record<string, Layer>> = {
  pairwiseProducts,
  compressedInteraction: (harness, fields) => compressedInteraction(harness, "cin", fields, [2, 3]),
  squeezeExcitation: (harness, fields) => squeezeExcitation(harness, "senet", fields),
  bilinearInteraction: (harness, fields) => bilinearInteraction(harness, "pairs", fields),
  featureGraph: (harness, fields) => featureGraph(harness, "graph", fields, { rounds: 2 }),
};

/** The layer's value for one row of fields `[F, d]`. */
function valueOf(
  layer: Layer,
  fields: readonly (readonly number[])[],
  values: Readonly<Record<string, readonly number[]>> = {},
) {
  const size = [1, fields.length, fields[0]?.length ?? 0];
  return evaluate((harness) => layer(harness, harness.leaf("fields", size)), {
    values: { ...values, fields: fields.flat() },
    shape: { ...smallShape, batchSize: 1 },
  });
}

test.each(Object.entries(layers))(
  "%s has the same gradient as finite differences",
  async (_name, layer) => {
    const build = (harness: Harness) => layer(harness, harness.leaf("fields", [3, 4, 2]));
    expect(await gradientError(build, { seed: 2 })).toBeLessThan(gradientTolerance);
  },
);

describe("pairwiseProducts", () => {
  test("sums the dot products of all pairs", async () => {
    const fields = [
      [1, 2],
      [3, 4],
      [5, 6],
    ];
    expect(await valueOf(pairwiseProducts, fields)).toEqual({
      shape: [1, 1],
      values: [1 * 3 + 2 * 4 + (1 * 5 + 2 * 6) + (3 * 5 + 4 * 6)],
    });
  });
});

describe("compressedInteraction", () => {
  test("weights products of fields and maps, fields outermost, and sums over the embedding", async () => {
    const layer: Layer = (harness, fields) => compressedInteraction(harness, "cin", fields, [2, 1]);
    const { shape, values } = await valueOf(
      layer,
      [
        [2, 0],
        [3, 0],
      ],
      {
        // Products 4, 6, 6, 9 of the first numbers: maps 4 + 1 and 6 + 1; of the second numbers: the biases 1 and 1.
        "cin.cin_layer.layer_1.weight": [1, 0, 0, 0, 0, 1, 0, 0],
        "cin.cin_layer.layer_1.bias": [1, 1],
        "cin.cin_layer.layer_2.weight": [1, 10, 100, 1000],
        "cin.cin_layer.layer_2.bias": [2],
      },
    );
    expect(shape).toEqual([1, 3]);
    const secondLayer = 2 * 5 + 10 * (2 * 7) + 100 * (3 * 5) + 1000 * (3 * 7) + 2;
    expect(values).toEqual([5 + 1, 7 + 1, secondLayer + 2]);
  });
});

describe("squeezeExcitation", () => {
  test("weights whole fields by a function of all fields' means", async () => {
    const { values } = await valueOf(
      layers.squeezeExcitation ?? pairwiseProducts,
      [
        [1, 3],
        [2, 6],
      ],
      {
        "senet.excitation.0.weight": [1, 0, 0, 1, -1, 0, 0, 0], // means (2, 4) to relu(2, 4, -2, 0)
        "senet.excitation.2.weight": [1, 0, 5, 0, 0, -1, 0, 0], // to relu(2, -4)
      },
    );
    expect(values).toEqual([2, 6, 0, 0]);
  });
});

describe("bilinearInteraction", () => {
  test("multiplies W f_i with f_j for i < j, in lexical order", async () => {
    const { shape, values } = await valueOf(
      layers.bilinearInteraction ?? pairwiseProducts,
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      { "pairs.bilinear_layer.weight": [0, 1, 1, 0] }, // swaps the two numbers
    );
    expect(shape).toEqual([1, 3, 2]);
    expect(values).toEqual([2 * 3, 1 * 4, 2 * 5, 1 * 6, 4 * 5, 3 * 6]);
  });
});

describe("featureGraph", () => {
  test("sends each field the others' messages, updates it by the GRU and adds the residual", async () => {
    const layer: Layer = (harness, fields) => featureGraph(harness, "graph", fields, { rounds: 1 });
    const { values } = await valueOf(layer, [[1], [2]], {
      "graph.gnn.W_out": [2, 3], // sent: 2 and 6
      "graph.gnn.W_in": [1, 10], // of two fields each hears the other: 1 * 6 and 10 * 2
      "graph.gnn.bias_p": [1],
      "graph.gru.weight_ih": [0, 0, 0.1],
      "graph.gru.weight_hh": [0, 0, 0],
      "graph.gru.bias_ih": [0, Math.log(3), 0], // update gate 3/4
      "graph.gru.bias_hh": [0, 0, 0],
    });
    expect(values[0]).toBeCloseTo(Math.tanh(0.7) / 4 + (3 / 4) * 1 + 1, 5);
    expect(values[1]).toBeCloseTo(Math.tanh(2.1) / 4 + (3 / 4) * 2 + 2, 5);
  });

  test("weights the other fields by softmax over their scores, and itself by 0", async () => {
    const layer: Layer = (harness, fields) => featureGraph(harness, "graph", fields, { rounds: 1 });
    const { values } = await valueOf(layer, [[0], [1], [2]], {
      "graph.W_attn.weight": [0, Math.log(3)], // field j scores j log 3
      "graph.gnn.W_out": [1, 1, 1],
      "graph.gnn.W_in": [1, 1, 1],
      "graph.gnn.bias_p": [0],
      "graph.gru.weight_ih": [0, 0, 1],
      "graph.gru.weight_hh": [0, 0, 0],
      "graph.gru.bias_ih": [0, -100, 0], // the state is the new one alone
      "graph.gru.bias_hh": [0, 0, 0],
    });
    // Weights e^score: 1, 3, 9. Field 0 hears (3 * 1 + 9 * 2) / 12, field 1 (9 * 2) / 10, field 2 (3 * 1) / 4.
    expect(values[0]).toBeCloseTo(Math.tanh(21 / 12) + 0, 5);
    expect(values[1]).toBeCloseTo(Math.tanh(18 / 10) + 1, 5);
    expect(values[2]).toBeCloseTo(Math.tanh(3 / 4) + 2, 5);
  });
});
