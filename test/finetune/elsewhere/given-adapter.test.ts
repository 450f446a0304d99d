import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { encodeGgufAdapter } from "../../../src/finetune/adapter/write-gguf-adapter.ts";
import { writePeftFolder } from "../../../src/finetune/adapter/write-peft-folder.ts";
import { contentOf } from "../../../src/finetune/elsewhere/given-adapter.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";
import { tinyAdapter } from "../adapter/tiny-adapter.ts";
import { writeTinyGguf } from "../base/tiny-model.ts";
import { text, uint } from "../weights/gguf-file.ts";

const whose = { subject: "item", role: "reflector" } as const;

async function place() {
  const folder = await scratchFolder();
  const trained = join(folder, "trained");
  await writePeftFolder(trained, tinyAdapter());
  const model = await writeTinyGguf(join(folder, "model.gguf"), "llama");
  const of = (given: string, own: string | null = model) =>
    contentOf({ ...whose, given, model: own });
  const configure = async (changes: object): Promise<void> => {
    const path = join(trained, "adapter_config.json");
    const now = JSON.parse(await readFile(path, "utf8")) as object;
    await writeFile(path, JSON.stringify({ ...now, ...changes }));
  };
  return { folder, trained, model, of, configure };
}

describe("contentOf", () => {
  test("is the name where a server plays the role, whatever is called so", async () => {
    const { trained, of } = await place();
    expect(await of(trained, null)).toEqual({ kind: "served", name: trained });
  });

  test("of a folder is what its files hold, wherever it lies, and what the model makes of them", async () => {
    const { folder, trained, model, of, configure } = await place();
    const first = await of(trained);
    expect(first).toMatchObject({
      kind: "folder",
      model: { architecture: "llama", layers: 2, heads: 2, keyHeads: 1, headWidth: 4 },
    });
    const copy = join(folder, "copy");
    await cp(trained, copy, { recursive: true });
    await writeFile(join(copy, "training.log"), "more");
    expect(await of(copy)).toEqual(first);
    await writeTinyGguf(model, "llama", { metadata: { "llama.attention.head_count_kv": uint(2) } });
    expect(await of(trained)).not.toEqual(first);
    await writeTinyGguf(model, "llama");
    await configure({ lora_alpha: 5 });
    expect(await of(trained)).not.toEqual(first);
  });

  test("of a file is what it holds, wherever it lies", async () => {
    const { folder, of } = await place();
    const [one, two] = [join(folder, "one.gguf"), join(folder, "two.gguf")];
    await writeFile(one, encodeGgufAdapter(tinyAdapter()));
    await cp(one, two);
    const found = await of(one);
    expect(found).toMatchObject({ kind: "file" });
    expect(await of(two)).toEqual(found);
    const { lora, ...rest } = tinyAdapter();
    await writeFile(two, encodeGgufAdapter({ ...rest, lora: { ...lora, alpha: 5 } }));
    expect(await of(two)).not.toEqual(found);
  });

  test("of a folder only the model's header is looked at: its weights may be of any type", async () => {
    const { trained, model, of } = await place();
    const iq3 = {
      ...{ name: "output.weight", sizes: [8, 270] },
      type: 21,
      bytes: new Uint8Array(32),
    };
    await writeTinyGguf(model, "llama", { tensors: [{ ...iq3, name: "token_embd.weight" }] });
    expect(await of(trained)).toMatchObject({ kind: "folder" });
  });

  test("says of a path that leads nowhere what is wanted, also where a name was meant", async () => {
    const { of } = await place();
    const found = of("/none/user-actor");
    await expect(found).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await expect(found).rejects.toThrow(
      /^finetune\.adapters\.items\.reflector: \/none\/user-actor does not exist\. Provider gguf plays.*adapter_config\.json.*is for provider openai with model: finetuned\.$/,
    );
  });

  test.each([
    [{ use_dora: true }, /use_dora[\s\S]*Train without these/],
    [{ modules_to_save: ["lm_head"] }, /modules_to_save[\s\S]*merge the adapter/],
    [{ rank_pattern: { q_proj: 4 } }, /rank_pattern/],
  ])("refuses %o before anything is asked", async (changes, message) => {
    const { trained, of, configure } = await place();
    await configure(changes);
    await expect(of(trained)).rejects.toThrow(message);
  });

  test.each(["adapter_config.json", "adapter_model.safetensors"])(
    "names a missing %s",
    async (name) => {
      const { trained, of } = await place();
      await rm(join(trained, name));
      await expect(of(trained)).rejects.toThrow(`${join(trained, name)} does not exist`);
    },
  );

  test("refuses a whole model as an adapter, and says where it belongs", async () => {
    const { model, of } = await place();
    await expect(of(model)).rejects.toThrow(
      /model\.gguf: its general\.type is missing, not adapter\. A whole model.*model of the role/,
    );
  });

  test("refuses a model of another architecture, and names the other way", async () => {
    const { trained, model, of } = await place();
    await writeTinyGguf(model, "llama", { metadata: { "general.architecture": text("gemma3") } });
    await expect(of(trained)).rejects.toThrow(
      /trained cannot be made into an adapter for this model.*gemma3.*convert_lora_to_gguf\.py/,
    );
  });

  test("names a model that is not there", async () => {
    const { trained, of } = await place();
    await expect(of(trained, "/none.gguf")).rejects.toThrow("/none.gguf: cannot be opened");
  });
});
