import { describe, expect, test } from "vitest";
import { knowledgeOverrides, overrideKnowledge } from "../../src/knowledge/knowledge-overrides.ts";
import {
  knowledgeSettings,
  sideSettings,
  type KnowledgeSettings,
} from "../../src/knowledge/settings.ts";

const settings = knowledgeSettings.parse({
  strategy: "iterate",
  rounds: 2,
  actor: {
    ...{ provider: "openai", model: "a", baseUrl: "http://here/v1" },
    sampling: { temperature: 0.5, extra: { top_k: 3 } },
  },
  reflector: { provider: "openai", model: "r" },
  users: { strategy: "filter", actor: { provider: "openai", model: "u" } },
  nouns: { item: "book" },
  budget: { maxRequests: 7 },
});

const overridden = (overrides: object): KnowledgeSettings =>
  knowledgeSettings.parse(overrideKnowledge(settings, knowledgeOverrides.parse(overrides)));

describe("overrideKnowledge", () => {
  test("changes nothing without overrides", () => {
    expect(overridden({})).toEqual(settings);
  });

  test("holds for both sides, also where a side had a setting of its own", () => {
    const changed = overridden({ strategy: "reason", rounds: 3 });
    for (const subject of ["user", "item"] as const) {
      expect(sideSettings(changed, subject)).toMatchObject({ strategy: "reason", rounds: 3 });
    }
    expect(sideSettings(changed, "user").actor).toMatchObject({ model: "u" });
  });

  test("lets a side's override win over that of both", () => {
    const changed = overridden({ rounds: 3, items: { rounds: 1 } });
    expect(sideSettings(changed, "user").rounds).toBe(3);
    expect(sideSettings(changed, "item").rounds).toBe(1);
  });

  test("keeps what a role's override does not name", () => {
    const { actor } = overridden({ actor: { model: "b", sampling: { temperature: 0.9 } } });
    expect(actor).toMatchObject({
      ...{ model: "b", baseUrl: "http://here/v1" },
      sampling: { temperature: 0.9, extra: { top_k: 3 } },
    });
  });

  test("changes the role that a side has, where only the side's is overridden", () => {
    const changed = overridden({ users: { actor: { sampling: { temperature: 1 } } } });
    expect(sideSettings(changed, "user").actor).toMatchObject({
      model: "u",
      sampling: { temperature: 1 },
    });
    expect(sideSettings(changed, "item").actor).toEqual(settings.actor);
    const both = overridden({ actor: { model: "b" }, users: { actor: { model: "c" } } });
    expect(sideSettings(both, "user").actor).toMatchObject({
      model: "c",
      baseUrl: "http://here/v1",
    });
  });

  test("changes single nouns and keeps the others", () => {
    expect(overridden({ nouns: { user: "reader" } }).nouns).toEqual({
      item: "book",
      user: "reader",
    });
  });

  test("takes another provider as it is given", () => {
    const { actor } = overridden({ actor: { provider: "batch-jsonl", model: "b" } });
    expect(actor).toMatchObject({ provider: "batch-jsonl", sampling: { maxTokens: 1024 } });
    expect(actor).not.toHaveProperty("sampling.temperature");
    expect(actor).not.toHaveProperty("baseUrl");
  });

  test.each([
    { budget: {} },
    { prices: {} },
    { cache: "x" },
    { tiers: { activeFrom: 1 } },
    { maxErrors: 1 },
  ])("has no place for %j, which is the run's", (overrides) => {
    expect(knowledgeOverrides.safeParse(overrides).success).toBe(false);
  });
});
