import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  asksModels,
  knowledgeSettings,
  sideIdentity,
  sideSettings,
} from "../../src/knowledge/settings.ts";

describe("knowledgeSettings", () => {
  test("every key has a default", () => {
    expect(knowledgeSettings.parse({})).toEqual({
      strategy: "iterate",
      rounds: 1,
      judgeLast: false,
      samples: 3,
      actor: { provider: "profiler" },
      reflector: { provider: "profiler" },
      users: {},
      items: {},
      nouns: {},
      attributes: "all",
      userAttributes: [],
      itemCharacters: 10_000,
      maxErrors: 0.05,
      budget: {},
      prices: {},
    });
  });

  test.each([
    ["an unknown key", { round: 1 }],
    ["an unknown provider", { actor: { provider: "oracle" } }],
    ["a setting the provider does not have", { actor: { provider: "profiler", model: "x" } }],
    ["half a round", { rounds: 0.5 }],
    ["a noun that could pass for a sentence", { nouns: { item: "film. This viewer" } }],
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

describe("maxErrors", () => {
  test.each([0, 0.01, 0.999, 1, 30])("is a share or a number: %d", (maxErrors) => {
    expect(knowledgeSettings.parse({ maxErrors }).maxErrors).toBe(maxErrors);
  });

  test.each([-0.1, 1.5, Infinity, "all"])("is not %s", (maxErrors) => {
    expect(knowledgeSettings.safeParse({ maxErrors }).success).toBe(false);
  });

  test("allows a twentieth by default", () => {
    expect(knowledgeSettings.parse({}).maxErrors).toBe(0.05);
  });
});

describe("sideIdentity", () => {
  const role = { provider: "openai", model: "m", baseUrl: "http://127.0.0.1:1/v1" } as const;
  const identity = (settings: object, subject: "user" | "item" = "user"): object =>
    sideIdentity(knowledgeSettings.parse({ actor: role, reflector: role, ...settings }), subject);

  test.each<[string, object]>([
    ["endpoints", { actor: { ...role, baseUrl: ["http://127.0.0.1:2/v1"] } }],
    ["keys and headers", { actor: { ...role, apiKeyEnv: "OTHER", headers: { a: "b" } } }],
    ["limits", { actor: { ...role, limits: { inFlight: 3, timeoutS: 5 } } }],
    ["the tokenizer of estimates", { actor: { ...role, tokenizer: "t.json" } }],
    [
      "budget, prices, cache and allowance",
      { budget: { maxRequests: 1 }, prices: {}, cache: "c", maxErrors: 1 },
    ],
    ["what the strategy does not use", { samples: 9 }],
    ["judgeLast where it is off, named or not", { judgeLast: false }],
    ["the other side", { items: { rounds: 3 } }],
    ["attributes of users that no prompt of the strategy shows", { userAttributes: ["age"] }],
    ["tiers", { tiers: { activeFrom: 3 } }],
    ["the default length of items, named or not", { itemCharacters: 10_000 }],
  ])("does not change with %s", (_what, settings) => {
    expect(identity(settings)).toEqual(identity({}));
  });

  test.each<[string, object]>([
    ["the model", { actor: { ...role, model: "other" } }],
    ["the reflector", { reflector: { ...role, model: "other" } }],
    ["sampling", { actor: { ...role, sampling: { temperature: 0.5 } } }],
    ["the strategy", { strategy: "reason" }],
    ["whether the last text is judged", { judgeLast: true }],
    ["its own rounds", { users: { rounds: 2 } }],
    ["the nouns", { nouns: { item: "book" } }],
    ["what an event is", { nouns: { event: "read" } }],
    ["how far ratings go", { scale: 10 }],
    ["the attributes", { attributes: ["genre"] }],
    ["the length of items", { itemCharacters: 500 }],
  ])("changes with %s", (_what, settings) => {
    expect(identity(settings)).not.toEqual(identity({}));
  });

  test("of KAR changes with the attributes of users, for users", () => {
    const kar = { strategy: "kar" };
    const shown = { ...kar, userAttributes: ["age"] };
    expect(identity(shown)).not.toEqual(identity(kar));
    expect(identity(shown, "item")).toEqual(identity(kar, "item"));
  });

  test("names the prompts that models are asked, and those alone", () => {
    const prompts = (settings: object, subject: "user" | "item" = "user"): string[] => {
      const named = Object.entries(identity(settings, subject)).find(
        ([name]) => name === "prompts",
      );
      return z
        .array(z.string())
        .parse(named?.[1] ?? [])
        .map((version) => version.replace(/@\d+$/u, ""));
    };
    expect(prompts({})).toEqual(["user-reason", "user-refine", "user-reflect"]);
    expect(prompts({ strategy: "filter" })).toEqual(["user-reason", "user-reflect"]);
    expect(prompts({ strategy: "kar" }, "item")).toEqual(["item-kar"]);
    const profiler = { provider: "profiler" };
    expect(prompts({ reflector: profiler })).toEqual(["user-reason", "user-refine"]);
    expect(prompts({ actor: profiler, reflector: profiler })).toEqual([]);
  });

  test("knows no reflector and no rounds where there are none", () => {
    const reason = { strategy: "reason" };
    expect(identity({ ...reason, rounds: 5, reflector: { ...role, model: "other" } })).toEqual(
      identity(reason),
    );
  });
});

describe("asksModels", () => {
  const model = { provider: "openai", model: "m" };
  test.each<[boolean, object]>([
    [false, {}],
    [true, { actor: model }],
    [true, { reflector: model }],
    [false, { strategy: "reason", reflector: model }],
    [true, { items: { reflector: model } }],
  ])("is %s of %j", (answer, settings) => {
    expect(asksModels(knowledgeSettings.parse(settings))).toBe(answer);
  });
});
