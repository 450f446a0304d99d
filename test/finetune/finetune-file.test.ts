import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { finetuneFile, type FinetuneFileOptions } from "../../src/finetune/finetune-file.ts";
import { trainingSettings } from "../../src/finetune/settings.ts";
import { filesUnder } from "../util/hand-made-task.ts";
import { scratchFolder } from "../util/scratch-folder.ts";
import { fakeTools } from "./fake-tools.ts";

async function options(): Promise<FinetuneFileOptions> {
  const folder = await scratchFolder();
  const file = join(folder, "chats.jsonl");
  const base = join(folder, "base.gguf");
  const rows = Array.from({ length: 10 }, (_, n) => ({ prompt: `${n}?`, answer: `${n}!` }));
  const long = { prompt: "x".repeat(600), answer: "y" };
  await writeFile(file, [...rows, long].map((row) => JSON.stringify(row)).join("\n"));
  await writeFile(base, "GGUF");
  return {
    ...{ file, base, out: join(folder, "out"), valid: 0.2, threads: 1, checkpointEveryS: 60 },
    settings: trainingSettings.parse({ maxTokens: 100 }),
    signal: new AbortController().signal,
    onProgress: () => undefined,
  };
}

describe("finetuneFile", () => {
  test("trains on the rows, leaves long ones out, and writes the adapter with what came of it", async () => {
    const given = await options();
    const tools = fakeTools();
    const made = await finetuneFile({ ...given, tools });
    expect(made).toMatchObject({ isKept: false, longRows: 1, longestRow: 602, bestEpoch: 1 });
    expect(made.trainRows + made.validRows).toBe(10);
    expect(made.validRows).toBeGreaterThan(0);
    expect(await filesUnder(given.out)).toEqual([
      ...["adapter.gguf", "adapter_config.json", "adapter_model.safetensors"],
      ...["finetune.json", "r4ec-run.json", "training.json"],
    ]);
  });

  test("once done, it does nothing again", async () => {
    const given = await options();
    const first = await finetuneFile({ ...given, tools: fakeTools() });
    const tools = fakeTools();
    const second = await finetuneFile({ ...given, tools });
    expect(second).toEqual({ ...first, isKept: true });
    expect(tools.trainings).toEqual([]);
  });

  test("stopped, it goes on from the same checkpoint", async () => {
    const given = await options();
    const interrupted = fakeTools(async ({ runtime }) => {
      await writeFile(runtime.checkpoint, "half way");
      throw new Error("killed");
    });
    await expect(finetuneFile({ ...given, tools: interrupted })).rejects.toThrow("killed");
    const seen: string[] = [];
    const tools = fakeTools(async ({ runtime }) => {
      seen.push(await readFile(runtime.checkpoint, "utf8"));
    });
    await finetuneFile({ ...given, tools });
    expect(seen).toEqual(["half way"]);
  });

  test("refuses the folder of another training, and one that is somebody else's", async () => {
    const given = await options();
    await finetuneFile({ ...given, tools: fakeTools() });
    const settings = trainingSettings.parse({ maxTokens: 100, epochs: 5 });
    await expect(finetuneFile({ ...given, settings, tools: fakeTools() })).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: expect.stringContaining(
        "holds the training of other rows, another base model, or other settings. Choose another --out",
      ) as string,
    });
    const foreign = await scratchFolder();
    await writeFile(join(foreign, "notes.txt"), "mine");
    await expect(
      finetuneFile({ ...given, out: foreign, tools: fakeTools() }),
    ).rejects.toMatchObject({ code: "RUN_INVALID" });
  });

  test("names options of the command line where no row is short enough", async () => {
    const given = await options();
    const settings = trainingSettings.parse({ maxTokens: 16 });
    await writeFile(given.file, JSON.stringify({ prompt: "x".repeat(30), answer: "y" }));
    await expect(finetuneFile({ ...given, settings, tools: fakeTools() })).rejects.toThrow(
      "chats.jsonl: no row is left to train on: 1 of 1 rows have more than 16 tokens, the longest 32. Raise --max-tokens",
    );
  });
});
