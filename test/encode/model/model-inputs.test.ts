import { describe, expect, test } from "vitest";
import { modelInputs } from "../../../src/encode/model/model-inputs.ts";

const card = { padTo: 4, padId: 1, firstPosition: 2, globalTokens: 1 };
const declare = (name: string, type: "int64" | "int32" | "float32" = "int32", shape = ["b", "t"]) =>
  ({ name, isTensor: true, type, shape }) as const;

describe("modelInputs", () => {
  test("makes what is declared, padded to a multiple of the window", () => {
    const names = ["input_ids", "attention_mask", "token_type_ids", "position_ids"];
    const inputs = modelInputs(
      [...names, "global_attention_mask"].map((name) => declare(name)),
      card,
      "m",
    );
    const made = inputs([
      [0, 7, 8, 9, 2],
      [0, 2],
    ]);
    const rows = Object.entries(made).map(([name, { data, dims }]) => [name, [...data], dims]);
    expect(rows).toEqual([
      ["input_ids", [0, 7, 8, 9, 2, 1, 1, 1, 0, 2, 1, 1, 1, 1, 1, 1], [2, 8]],
      ["attention_mask", [1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0], [2, 8]],
      ["token_type_ids", Array(16).fill(0), [2, 8]],
      ["position_ids", [2, 3, 4, 5, 6, 1, 1, 1, 2, 3, 1, 1, 1, 1, 1, 1], [2, 8]],
      ["global_attention_mask", [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], [2, 8]],
    ]);
  });

  test("gives 64-bit integers where they are asked for", () => {
    const { input_ids } = modelInputs([declare("input_ids", "int64")], card, "m")([[3]]);
    expect(input_ids?.data).toEqual(BigInt64Array.of(3n, 1n, 1n, 1n));
  });

  test.each([
    [declare("pixel_values"), /m: the model has an unknown input pixel_values.*feature-extraction/],
    [declare("toString"), /unknown input toString/],
    [declare("input_ids", "float32"), /input input_ids is float32; expected int64 or int32/],
    [{ name: "input_ids", isTensor: false } as const, /input input_ids is no tensor/],
    [
      { ...declare("input_ids"), shape: [1, "t"] },
      /has the shape \[1, t\].*Export the model with dynamic axes/,
    ],
  ])("refuses %j", (input, message) => {
    expect(() => modelInputs([input], card, "m")).toThrow(message);
  });
});
