import { describe, expect, test } from "vitest";
import { answer, makeRunTable } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

describe("experiments/written_texts", () => {
  test("the versions of a variant's texts, each once and in order, users and items apart", async () => {
    const written = (variant: string, prompt_version: string) => ({ variant, prompt_version });
    await makeRunTable(memory.db, "user_knowledge", [
      { ...written("r4ec", "reflect-2"), user_id: 1, role: "reflector" },
      { ...written("r4ec", "reason-1"), user_id: 1, role: "actor" },
      { ...written("r4ec", "reason-1"), user_id: 2, role: "actor" },
      { ...written("kar", "kar-3"), user_id: 1, role: "actor" },
    ]);
    await makeRunTable(memory.db, "item_knowledge", [
      { ...written("r4ec", "item-7"), item_id: 5, role: "actor" },
    ]);
    expect(await answer(memory.db, "experiments/written_texts")).toEqual([
      { variant: "kar", subject: "user", prompt_versions: ["kar-3"] },
      { variant: "r4ec", subject: "item", prompt_versions: ["item-7"] },
      { variant: "r4ec", subject: "user", prompt_versions: ["reason-1", "reflect-2"] },
    ]);
  });
});

describe("experiments/encoders_of_vectors", () => {
  test("the encoder of each variant's vectors, users and items apart", async () => {
    await makeRunTable(memory.db, "user_embeddings", [
      { variant: "r4ec", user_id: 1, encoder: "minilm", encoder_hash: "a1" },
      { variant: "r4ec", user_id: 2, encoder: "minilm", encoder_hash: "a1" },
      { variant: "given", user_id: 1, encoder: "given", encoder_hash: null },
    ]);
    await makeRunTable(memory.db, "item_embeddings", [
      { variant: "r4ec", item_id: 1, encoder: "bge", encoder_hash: "b2" },
    ]);
    expect(await answer(memory.db, "experiments/encoders_of_vectors")).toEqual([
      { variant: "given", subject: "user", encoder: "given", encoder_hash: null },
      { variant: "r4ec", subject: "item", encoder: "bge", encoder_hash: "b2" },
      { variant: "r4ec", subject: "user", encoder: "minilm", encoder_hash: "a1" },
    ]);
  });

  test("nothing without vectors", async () => {
    await makeRunTable(memory.db, "user_embeddings", []);
    await makeRunTable(memory.db, "item_embeddings", []);
    expect(await answer(memory.db, "experiments/encoders_of_vectors")).toEqual([]);
  });
});
