import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { baseHash } from "../../../src/finetune/base/base-hash.ts";
import { makeFolder } from "../../util/hand-made-task.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";

test("a copy of a base model is the same model, a changed part another one", async () => {
  const root = await scratchFolder();
  const files = { "config.json": "{}", "model.safetensors": "w", "tokenizer.json": "t" };
  const one = await makeFolder(join(root, "one"), files);
  const hash = await baseHash(one);
  expect(await baseHash(await makeFolder(join(root, "two"), { ...files, "README.md": "x" }))).toBe(
    hash,
  );
  for (const name of Object.keys(files)) {
    const other = await makeFolder(join(root, name), { ...files, [name]: "other" });
    expect(await baseHash(other)).not.toBe(hash);
  }
  await writeFile(join(root, "a.gguf"), "GGUF");
  await mkdir(join(root, "elsewhere"));
  await copyFile(join(root, "a.gguf"), join(root, "elsewhere", "b.gguf"));
  expect(await baseHash(join(root, "elsewhere", "b.gguf"))).toBe(
    await baseHash(join(root, "a.gguf")),
  );
});

test("names a base model that is not there, or has no weights", async () => {
  const root = await scratchFolder();
  await expect(baseHash(join(root, "none"))).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringMatching(
      /none: there is no such file or folder\. Give the path of a \.gguf file/,
    ) as string,
  });
  await expect(baseHash(root)).rejects.toThrow("the folder holds no *.safetensors");
});
