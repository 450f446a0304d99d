import { stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mergeAdapter } from "../../src/finetune/merge-adapter.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

test("names a base model that is not there, and writes nothing", async () => {
  const folder = await scratchFolder();
  const target = join(folder, "merged");
  await expect(mergeAdapter(target, folder, join(folder, "none.gguf"))).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining("none.gguf") as string,
  });
  await expect(stat(target)).rejects.toThrow("ENOENT");
});

test("does nothing where the folder is there", async () => {
  const folder = await scratchFolder();
  await expect(mergeAdapter(folder, folder, "/none")).resolves.toBeUndefined();
});
