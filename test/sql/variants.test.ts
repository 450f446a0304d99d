import { describe, expect, test } from "vitest";
import { sqlFile } from "../../src/tables/sql-file.ts";
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

describe("report/variants", () => {
  test("what made each variant, by variant and subject, without what tells its data", async () => {
    const own = { role: "knowledge", origin: "knowledge", protocol: "leakfree", deal: "own" };
    const r4ec = { ...own, variant: "r4ec", vectors_of: "r4ec", texts_of: "r4ec" };
    const player = { actor_provider: "openai", actor_model: "large", actor_sampling: "{}" };
    const user = { ...r4ec, ...player, strategy: "iterate", rounds: 2, encoder: "minilm" };
    await makeRunTable(memory.db, "variants", [
      { ...user, subject: "user", prompt_versions: ["reason-1"], data_fingerprint: "5-77" },
      { ...r4ec, subject: "item", strategy: "filter", samples: 3, encoder: "bge" },
      { variant: "base", subject: "user", role: "base", origin: "none", protocol: "leakfree" },
    ]);
    const none = {
      ...{ vectors_of: null, deal: null, texts_of: null, imported_from: null, strategy: null },
      ...{ rounds: null, samples: null, encoder: null },
      ...{ actor_provider: null, actor_model: null, actor_sampling: null },
      ...{ reflector_provider: null, reflector_model: null, reflector_sampling: null },
    };
    expect(await memory.db.rows(sqlFile("report/variants"))).toEqual([
      {
        ...none,
        ...{ variant: "base", subject: "user", role: "base", origin: "none", protocol: "leakfree" },
      },
      { ...none, ...r4ec, subject: "item", strategy: "filter", samples: 3, encoder: "bge" },
      { ...none, ...user, subject: "user" },
    ]);
  });
});
