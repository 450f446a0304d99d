import { describe, expect, test } from "vitest";
import { nounsOf } from "../../src/knowledge/nouns.ts";
import { knowledgeSettings, sideSettings } from "../../src/knowledge/settings.ts";

describe("knowledgeSettings", () => {
  test("every key has a default", () => {
    expect(knowledgeSettings.parse({})).toEqual({
      strategy: "iterate",
      rounds: 1,
      actor: { provider: "profiler" },
      reflector: { provider: "profiler" },
      users: {},
      items: {},
      itemNoun: "film",
      personNoun: "viewer",
      attributes: "all",
    });
  });

  test.each([
    ["an unknown key", { round: 1 }],
    ["an unknown provider", { actor: { provider: "oracle" } }],
    ["a setting the provider does not have", { actor: { provider: "profiler", model: "x" } }],
    ["half a round", { rounds: 0.5 }],
    ["a noun that could pass for a sentence", { itemNoun: "film. This viewer" }],
    ["an unknown key of one side", { users: { round: 1 } }],
  ])("refuses %s", (_name, settings) => {
    expect(knowledgeSettings.safeParse(settings).success).toBe(false);
  });

  test("a side's own block comes before the common one", () => {
    const settings = knowledgeSettings.parse({ rounds: 2, items: { rounds: 0 } });
    expect(sideSettings(settings, "user").rounds).toBe(2);
    expect(sideSettings(settings, "item").rounds).toBe(0);
  });
});

describe("nounsOf", () => {
  test.each([
    ["film", "films"],
    ["story", "stories"],
    ["play", "plays"],
    ["box", "boxes"],
    ["series", "series"],
    ["board game", "board games"],
  ])("the plural of %s is %s", (one, many) => {
    expect(nounsOf(one, "viewer").items).toBe(many);
  });
});
