import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRandom } from "../../../src/base/random.ts";
import type { EncodedChat } from "../../../src/finetune/text/chat-tokenizer.ts";
import type {
  AdapterProgress,
  AdapterSettings,
  AdapterTraining,
} from "../../../src/finetune/loop/adapter-training.ts";
import { trainAdapter } from "../../../src/finetune/loop/train-adapter.ts";
import { readFixture, type Fixture } from "../fixtures.ts";

let fixture: Fixture;
let folder: string;

beforeAll(async () => {
  fixture = await readFixture("llama");
  folder = await mkdtemp(path.join(tmpdir(), "r4ec-adapter-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Conversations whose answer repeats the end of the prompt: a rule that can be learned. */
function conversations(count: number, seed: number): readonly EncodedChat[] {
  const { uniform } = createRandom(seed);
  return Array.from({ length: count }, () => {
    const prompt = Array.from(
      { length: 4 + Math.floor(uniform() * 8) },
      () => 10 + Math.floor(uniform() * 20),
    );
    return { prompt, answer: [...prompt.slice(-2), 5] };
  });
}

const settings: Omit<AdapterSettings, "lora"> = {
  epochs: 2,
  learningRate: 0.02,
  schedule: "cosine",
  warmup: 0.1,
  weightDecay: 0,
  clip: 1,
  batchSize: 4,
  maxTokens: 64,
  seed: 3,
};

interface Changes {
  readonly settings?: Partial<AdapterSettings>;
  readonly runtime?: Partial<AdapterTraining["runtime"]>;
  readonly valid?: readonly EncodedChat[];
}

const training = (name: string, changes: Changes = {}): AdapterTraining => ({
  base: {
    path: "tiny",
    config: fixture.config,
    weights: fixture.weights,
    tokenizer: { encode: () => ({ prompt: [], answer: [] }), vocabulary: 300, paddingId: 0 },
  },
  train: conversations(30, 1),
  valid: changes.valid ?? conversations(10, 2),
  settings: { ...settings, lora: { ...fixture.lora, dropout: 0.05 }, ...changes.settings },
  runtime: {
    threads: 1,
    checkpoint: path.join(folder, `${name}.safetensors`),
    checkpointEveryS: 1e6,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...changes.runtime,
  },
});

describe("trainAdapter", () => {
  test("learns: the validation loss falls, and the adapter is that of the best epoch", async () => {
    const progress: AdapterProgress[] = [];
    const { adapter, epochs, bestEpoch, stopped } = await trainAdapter(
      training("learns", { runtime: { onProgress: (each) => progress.push(each) } }),
    );
    const [before, , after] = epochs.map(({ validLoss }) => validLoss ?? NaN);
    expect(after).toBeLessThan(0.8 * (before ?? 0));
    expect(bestEpoch).toBe(2);
    expect(stopped).toBeNull();
    expect(epochs.map(({ steps }) => steps)).toEqual([0, 8, 8]);
    expect(adapter.matrices).toHaveLength(7 * fixture.config.layers);
    expect(adapter.matrices.some(({ b }) => b.some((value) => value !== 0))).toBe(true);
    expect(progress.at(-1)).toMatchObject({ epoch: 2, epochs: 2, validLoss: epochs[1]?.validLoss });
    const tokens = progress.map((each) => each.tokens);
    expect(new Set(tokens).size).toBe(progress.length);
    expect(tokens.at(-1)).toBe(progress[0]?.tokensTotal);
  });

  test("ends with the same bits however often it was stopped", async () => {
    const whole = await trainAdapter(training("whole"));
    for (let rows = 3; ; rows += 4) {
      const stopping = new AbortController();
      let done = 0;
      const onProgress = (): void => {
        if (++done === rows) stopping.abort(new Error("stopped"));
      };
      const runtime = { signal: stopping.signal, onProgress };
      const result = await trainAdapter(training("stopped", { runtime })).catch(
        (error: unknown) => error,
      );
      if (result instanceof Error) {
        expect(result.message).toBe("stopped");
        continue;
      }
      expect(rows).toBeGreaterThan(10);
      expect(result).toMatchObject({
        adapter: whole.adapter,
        epochs: whole.epochs.map(({ seconds: _, ...epoch }) => epoch),
      });
      return;
    }
  });

  test("goes on only with a state of the same training", async () => {
    await trainAdapter(training("other", { settings: { epochs: 1 } }));
    const reasons: string[] = [];
    const runtime = { onIgnored: (reason: string) => reasons.push(reason) };
    await trainAdapter(training("other", { settings: { epochs: 1, seed: 4 }, runtime }));
    await writeFile(path.join(folder, "other.safetensors"), "torn");
    await trainAdapter(training("other", { settings: { epochs: 1 }, runtime }));
    expect(reasons).toEqual([
      expect.stringContaining("of a training with other settings or rows"),
      expect.stringContaining("not a complete safetensors file"),
    ]);
    expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("keeps the last epoch where there are no validation rows", async () => {
    const { epochs, bestEpoch } = await trainAdapter(training("blind", { valid: [] }));
    expect(bestEpoch).toBe(2);
    expect(epochs.map(({ validLoss }) => validLoss)).toEqual([null, null, null]);
  });

  test("stops with a cure when the loss is no number", async () => {
    await expect(
      trainAdapter(
        training("diverges", { settings: { learningRate: 1e38, schedule: "constant", warmup: 0 } }),
      ),
    ).rejects.toThrow(
      /the loss is no number at step \d of epoch 1\. Set a lower learning rate than 1e\+38/,
    );
  });

  test("keeps the best epoch when the loss is no number later, and says so", async () => {
    const given = training("later");
    let norm: Float32Array | undefined;
    const weights = {
      ...fixture.weights,
      read: async (name: string) => {
        const values = await fixture.weights.read(name);
        if (name === "model.norm.weight") norm = values;
        return values;
      },
    };
    const { stopped, bestEpoch, epochs, adapter } = await trainAdapter({
      ...given,
      base: { ...given.base, weights },
      runtime: {
        ...given.runtime,
        onProgress: ({ epoch }) => {
          if (epoch === 2) norm?.fill(Number.NaN);
        },
      },
    });
    expect(stopped).toBe("the loss is no number at step 2 of epoch 2");
    expect(bestEpoch).toBe(1);
    expect(epochs).toHaveLength(2);
    expect(adapter.matrices.every(({ a, b }) => [...a, ...b].every(Number.isFinite))).toBe(true);
  });
});
