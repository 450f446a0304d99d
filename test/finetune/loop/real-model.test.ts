/** @file A real model with an adapter, here and in llama.cpp. `R4EC_GGUF` names SmolLM2-135M-Instruct as a .gguf file. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { createRandom } from "../../../src/base/random.ts";
import { encodeGgufAdapter } from "../../../src/finetune/adapter/write-gguf-adapter.ts";
import { openBaseModel } from "../../../src/finetune/base/open-base-model.ts";
import { linearNames } from "../../../src/finetune/decoder/decoder-config.ts";
import { createDecoderEngine } from "../../../src/finetune/loop/decoder-engine.ts";
import { noLabel, packChats } from "../../../src/finetune/text/pack-chats.ts";

const model = process.env["R4EC_GGUF"] ?? "";
const where = model === "" ? " (skipped: R4EC_GGUF names no SmolLM2-135M-Instruct)" : "";
/** Of queries and keys, whose rows a GGUF file holds in another order. */
const lora = { rank: 8, alpha: 16, dropout: 0, targets: linearNames.slice(0, 2) };

/** llama.cpp rounds activations to 8 bits where weights are of 4 bits, nats. */
const rounding = 0.05;

/** What is used of node-llama-cpp, an optional package. */
interface Library {
  readonly getLlama: (options: { readonly gpu: false; readonly build: "never" }) => Promise<{
    readonly loadModel: (options: { readonly modelPath: string }) => Promise<{
      readonly createContext: (options: {
        readonly contextSize: number;
        readonly lora?: { readonly adapters: readonly { readonly filePath: string }[] };
      }) => Promise<{ readonly getSequence: () => Sequence }>;
    }>;
    readonly dispose: () => Promise<void>;
  }>;
}

interface Sequence {
  readonly controlledEvaluate: (
    tokens: readonly (readonly [
      number,
      { readonly generateNext: { readonly probabilities: true } },
    ])[],
  ) => Promise<
    readonly { readonly next?: { readonly probabilities?: ReadonlyMap<number, number> } }[]
  >;
}

const library = "node-llama-cpp";

/** Mean of `-log p` over the labels, by llama.cpp. */
async function lossInLlama(
  ids: readonly number[],
  labels: Int32Array,
  adapter: string | null,
): Promise<number> {
  const { getLlama } = (await import(library)) as Library;
  const llama = await getLlama({ gpu: false, build: "never" });
  const loaded = await llama.loadModel({ modelPath: model });
  const context = await loaded.createContext({
    contextSize: 512,
    ...(adapter !== null && { lora: { adapters: [{ filePath: adapter }] } }),
  });
  const results = await context
    .getSequence()
    .controlledEvaluate(ids.map((id) => [id, { generateNext: { probabilities: true } }]));
  let [loss, count] = [0, 0];
  labels.forEach((label, place) => {
    if (label === noLabel) return;
    loss -= Math.log(results[place]?.next?.probabilities?.get(label) ?? 0);
    count++;
  });
  await llama.dispose();
  return loss / count;
}

describe.skipIf(model === "")(`a real model${where}`, { timeout: 180_000 }, () => {
  test("has the same loss in llama.cpp, alone and with an adapter", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "r4ec-real-"));
    const base = await openBaseModel(model);
    const chat = base.tokenizer.encode([
      { role: "system", content: "You answer briefly." },
      { role: "user", content: "What is the capital of France, and what is it known for?" },
      {
        role: "assistant",
        content: "Paris. It is known for the Eiffel Tower, its museums and its cafés.",
      },
    ]);
    const [row] = packChats([chat], 512);
    if (row === undefined) throw new Error("no row");
    const engine = await createDecoderEngine({
      base,
      lora,
      seed: 1,
      threads: 2,
      tokens: row.ids.length,
    });
    const loss = async (): Promise<number> => {
      const { loss: sum, tokens } = await engine.evaluate(row);
      return sum / tokens;
    };
    const alone = await loss();
    expect(Math.abs((await lossInLlama([...row.ids], row.labels, null)) - alone)).toBeLessThan(
      rounding,
    );

    const { normal } = createRandom(1, "adapter");
    engine.parameters.set(
      engine.parameters
        .matrices()
        .map(({ b, ...matrices }) => ({ ...matrices, b: b.map(() => 0.6 * normal()) })),
    );
    const adapted = await loss();
    expect(Math.abs(adapted - alone)).toBeGreaterThan(4 * rounding);
    const file = path.join(folder, "adapter.gguf");
    await writeFile(
      file,
      encodeGgufAdapter({
        lora,
        config: base.config,
        base: model,
        matrices: engine.parameters.matrices(),
      }),
    );
    const there = await lossInLlama([...row.ids], row.labels, file);
    expect(Math.abs(there - adapted)).toBeLessThan(2 * rounding);
    await engine.close();
    await base.weights.close();
    await rm(folder, { recursive: true, force: true });
  });
});
