import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openEncoder } from "../../../src/encode/model/encoder.ts";
import { outputFloats } from "../../../src/encode/model/output-floats.ts";
import { onnxModelWriter, type OnnxType } from "../../../src/onnx/format/model-writer.ts";
import { tokenizers } from "../transformers/tokenizers.ts";

let root: string;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "r4ec-floats-"));
});

afterAll(() => rm(root, { recursive: true, force: true }));

test("half precision is read by its bits: signs, the smallest and the largest number, and none", () => {
  const bits = [0x0000, 0x3c00, 0xc000, 0x3555, 0x0001, 0x8400, 0x7bff, 0x7c00, 0xfc00, 0x7e00];
  const data = Uint16Array.from(bits);
  const floats = outputFloats({ type: "float16", data });
  expect([...(floats ?? [])]).toEqual([
    ...[0, 1, -2, Math.fround(1365 / 4096), 2 ** -24, -(2 ** -14), 65504],
    ...[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN],
  ]);
});

test("other floats become float32, numbers of other types are none", () => {
  const double = outputFloats({ type: "float64", data: Float64Array.of(0.1, -3) });
  expect([...(double ?? [])]).toEqual([Math.fround(0.1), -3]);
  expect(outputFloats({ type: "int8", data: Int8Array.of(1) })).toBeNull();
  expect(outputFloats({ type: "uint16", data: Uint16Array.of(1) })).toBeNull();
});

/** A model whose tokens have the vectors [id, -id / 2] of a type. */
async function writeModel(folder: string, type: OnnxType, code: number): Promise<void> {
  const model = onnxModelWriter();
  model.input("input_ids", "int64", ["B", "T"]);
  const rows = Array.from({ length: 26 }, (_, id) => [id, -id / 2]).flat();
  model.initializer("table", "float32", [26, 2], rows);
  model.node("Gather", ["table", "input_ids"], ["vectors"]);
  model.node("Cast", ["vectors"], ["last_hidden_state"], { to: code });
  model.output("last_hidden_state", type, ["B", "T", 2]);
  await writeFile(path.join(folder, "model.onnx"), model.bytes());
  await writeFile(path.join(folder, "tokenizer.json"), JSON.stringify(tokenizers.bert));
  await writeFile(path.join(folder, "config.json"), JSON.stringify({ model_type: "bert" }));
}

describe("a model's output", () => {
  test("of half precision is encoded", async () => {
    await writeModel(root, "float16", 10);
    const overrides = { normalize: false };
    const encoder = await openEncoder({ folder: root, threads: 1, overrides });
    const { vectors } = await encoder.encode(["film war"]);
    expect([...vectors]).toEqual([15 / 4, -15 / 8]); // ids 2, 4, 6 and 3
    await encoder.close();
  });

  test("of another type is refused by its name", async () => {
    await writeModel(root, "int8", 3);
    await expect(openEncoder({ folder: root, threads: 1 })).rejects.toThrow(
      /expected the output last_hidden_state to be float32 or float16 .*, got int8 \[1, 2, 2\]: name another output/,
    );
  });
});
