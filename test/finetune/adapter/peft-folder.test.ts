import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readPeftFolder } from "../../../src/finetune/adapter/read-peft-folder.ts";
import { writePeftFolder } from "../../../src/finetune/adapter/write-peft-folder.ts";
import { decodeSafetensors, encodeSafetensors } from "../../../src/optim/safetensors.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";
import { coarse, writeHalfPeftFolder } from "./half-peft-folder.ts";
import { tinyAdapter, tinyConfig } from "./tiny-adapter.ts";

const weights = "adapter_model.safetensors";
const settings = "adapter_config.json";

/** A folder of an adapter, and how to change its files. */
async function written(): Promise<{
  readonly folder: string;
  readonly configure: (changes: object) => Promise<void>;
  readonly rename: (from: string, to: string | null) => Promise<void>;
}> {
  const folder = await scratchFolder();
  await writePeftFolder(folder, tinyAdapter());
  return {
    folder,
    configure: async (changes) => {
      const path = join(folder, settings);
      const now = JSON.parse(await readFile(path, "utf8")) as object;
      await writeFile(path, JSON.stringify({ ...now, ...changes }));
    },
    rename: async (from, to) => {
      const path = join(folder, weights);
      const { tensors, metadata } = decodeSafetensors(await readFile(path), path);
      const renamed = tensors.flatMap((one) =>
        one.name !== from ? [one] : to === null ? [] : [{ ...one, name: to }],
      );
      await writeFile(path, encodeSafetensors({ tensors: renamed, metadata }));
    },
  };
}

describe("writePeftFolder", () => {
  test("names the matrices as PEFT does, A and B of each linear layer", async () => {
    const { folder } = await written();
    const { tensors } = decodeSafetensors(await readFile(join(folder, weights)), "x");
    expect(tensors).toHaveLength(2 * 7 * 2);
    expect(tensors[0]).toMatchObject({
      name: "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight",
      shape: [2, 8],
    });
    expect(tensors.at(-1)).toMatchObject({
      name: "base_model.model.model.layers.1.mlp.down_proj.lora_B.weight",
      shape: [8, 2],
    });
  });

  test("says in the configuration what PEFT and vLLM ask for", async () => {
    const { folder } = await written();
    expect(JSON.parse(await readFile(join(folder, settings), "utf8"))).toMatchObject({
      peft_type: "LORA",
      task_type: "CAUSAL_LM",
      base_model_name_or_path: "models/tiny",
      r: 2,
      lora_alpha: 4,
      lora_dropout: 0.05,
      target_modules: "q_proj k_proj v_proj o_proj gate_proj up_proj down_proj".split(" "),
      modules_to_save: null,
      use_dora: false,
    });
  });

  test("gives equal bytes for equal adapters, replaces an older one, and leaves nothing else", async () => {
    const { folder } = await written();
    const first = await readFile(join(folder, weights));
    await writePeftFolder(folder, tinyAdapter());
    expect(await readFile(join(folder, weights))).toEqual(first);
    expect((await readdir(folder)).sort()).toEqual([settings, weights]);
  });
});

describe("readPeftFolder", () => {
  test("restores the adapter", async () => {
    const { folder } = await written();
    expect(await readPeftFolder(folder, tinyConfig())).toEqual(tinyAdapter());
  });

  test("restores an adapter of some linear layers, in the usual order", async () => {
    const folder = await scratchFolder();
    const adapter = tinyAdapter(tinyConfig(), ["self_attn.q_proj", "mlp.up_proj"]);
    await writePeftFolder(folder, { ...adapter, matrices: adapter.matrices.toReversed() });
    expect(await readPeftFolder(folder, tinyConfig())).toEqual(adapter);
  });

  test.each(["F16", "BF16"] as const)("reads numbers of %s as they are", async (dtype) => {
    const adapter = coarse(tinyAdapter());
    const folder = await writeHalfPeftFolder(await scratchFolder(), adapter, dtype);
    expect(await readPeftFolder(folder, tinyConfig())).toEqual(adapter);
  });

  test.each([settings, weights])("names a missing %s", async (file) => {
    const { folder } = await written();
    await rm(join(folder, file));
    const read = readPeftFolder(folder, tinyConfig());
    await expect(read).rejects.toMatchObject({ code: "INPUT_INVALID" });
    await expect(read).rejects.toThrow(`${file} does not exist`);
  });

  test.each([
    [{ peft_type: "IA3" }, /peft_type/],
    [{ use_dora: true }, /use_dora/],
    [{ use_rslora: true }, /use_rslora/],
    [{ bias: "all" }, /bias/],
    [{ modules_to_save: ["lm_head"] }, /modules_to_save/],
    [{ rank_pattern: { q_proj: 4 } }, /rank_pattern/],
    [{ init_lora_weights: "pissa" }, /init_lora_weights/],
    [{ trainable_token_indices: [1] }, /trainable_token_indices/],
    [{ lora_bias: true }, /lora_bias[\s\S]*Train without these, or merge the adapter/],
    [{ r: 0 }, /at r/],
  ])("refuses %o, which means other matrices", async (changes, message) => {
    const { folder, configure } = await written();
    await configure(changes);
    const read = readPeftFolder(folder, tinyConfig());
    await expect(read).rejects.toMatchObject({ code: "INPUT_INVALID" });
    await expect(read).rejects.toThrow(message);
  });

  test("takes what other trainers write for nothing", async () => {
    const { folder, configure } = await written();
    await configure({ modules_to_save: [], alpha_pattern: null, target_modules: "all-linear" });
    expect(await readPeftFolder(folder, tinyConfig())).toEqual(tinyAdapter());
  });

  test("refuses an adapter of other sizes, naming both", async () => {
    const { folder } = await written();
    const read = readPeftFolder(folder, { ...tinyConfig(), inner: 16 });
    await expect(read).rejects.toThrow(/gate_proj.*\[12, 2\] instead of \[16, 2\].*another model/);
  });

  test("refuses an adapter of more layers, and one of fewer", async () => {
    const { folder } = await written();
    const more = readPeftFolder(folder, { ...tinyConfig(), layers: 1 });
    await expect(more).rejects.toThrow(/layers\.1\..*with 1 layers, does not have/);
    const fewer = readPeftFolder(folder, { ...tinyConfig(), layers: 3 });
    await expect(fewer).rejects.toThrow(/layers\.2\..* is missing/);
  });

  test("refuses a tensor that is no matrix of a linear layer, and a pair without its half", async () => {
    const name = "base_model.model.model.layers.1.mlp.up_proj.lora_B.weight";
    const { folder, rename } = await written();
    await rename(name, null);
    await expect(readPeftFolder(folder, tinyConfig())).rejects.toThrow(`"${name}" is missing`);
    await rename(name.replace("_B", "_A"), "base_model.model.lm_head.lora_A.weight");
    await expect(readPeftFolder(folder, tinyConfig())).rejects.toThrow(/lm_head.*no LoRA matrix/);
  });

  test("refuses a folder without tensors", async () => {
    const { folder } = await written();
    await writeFile(join(folder, weights), encodeSafetensors({ tensors: [], metadata: {} }));
    await expect(readPeftFolder(folder, tinyConfig())).rejects.toThrow(/holds no tensors/);
  });
});
