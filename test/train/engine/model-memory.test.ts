import { describe, expect, test } from "vitest";
import type { EngineRequest } from "../../../src/train/engine/engine.ts";
import { modelNeed } from "../../../src/train/engine/model-memory.ts";

const mb = 1024 ** 2;

const requestOf = (slots: number, changes: Partial<EngineRequest> = {}): EngineRequest => ({
  backbone: "dcn",
  seed: 1,
  threads: 1,
  shape: {
    batchSize: 256,
    items: 300,
    attributeSlots: [slots],
    attributeValues: slots,
    ratings: 5,
    history: 10,
    embeddingDim: 32,
  },
  ...changes,
});

describe("modelNeed", () => {
  test("grows with the places for values, by more than the events' embeddings", () => {
    const [few, many] = [64, 2000].map((slots) => modelNeed(requestOf(slots)).bytes / mb);
    const embeddings = (256 * 10 * 2000 * 32 * 4) / mb;
    expect(many).toBeGreaterThan(5 * embeddings);
    expect(few).toBeLessThan((many ?? 0) / 20);
  });

  test("counts the values that items have, not the places for them", () => {
    const listed = (slots: number): number => {
      const { shape } = requestOf(slots);
      return modelNeed(requestOf(slots, { shape: { ...shape, listedValues: 4 } })).bytes / mb;
    };
    const padded = modelNeed(requestOf(16)).bytes / mb;
    expect(listed(64)).toBeLessThan(padded);
    // Ids and weights of 256 x 11 items, and the two moments and more of 2,000 values.
    expect(listed(2000) - listed(64)).toBeLessThan((3 * 4 * 256 * 11 * 2000) / mb);
  });

  test("names the first setting that fits, and the value", () => {
    const { bytes, cure } = modelNeed(requestOf(2000));
    const [setting, most] = cure?.(bytes / 4)?.split(": ") ?? [];
    expect(setting).toBe("train.maxAttributeValues");
    expect(modelNeed(requestOf(Number(most))).bytes).toBeLessThanOrEqual(bytes / 4);
    expect(modelNeed(requestOf(2 * Number(most))).bytes).toBeGreaterThan(bytes / 4);
    const single = modelNeed(requestOf(1));
    expect(single.cure?.(0.7 * single.bytes)).toMatch(/^train\.batchSize: \d+$/);
    expect(cure?.(0)).toBeNull();
  });

  test("counts no step of a model that a GPU trains", () => {
    const [cpu, gpu] = ["cpu", "cuda"].map((device) => modelNeed(requestOf(500, { device })).bytes);
    expect(gpu).toBeLessThan((cpu ?? 0) / 10);
  });
});
