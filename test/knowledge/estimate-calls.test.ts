import { describe, expect, test } from "vitest";
import { userPrompts } from "../../src/knowledge/chat/prompts.ts";
import type { UserContext } from "../../src/knowledge/contexts/contexts.ts";
import {
  estimateCalls,
  type AskedBefore,
  type RoleEstimate,
} from "../../src/knowledge/estimate-calls.ts";
import { domainNouns } from "../../src/knowledge/domain-nouns.ts";
import { knowledgeSettings, sideSettings } from "../../src/knowledge/settings.ts";
import { item, rated } from "./contexts/make-contexts.ts";

const nouns = domainNouns("film", "viewer");

const contexts: readonly UserContext[] = [
  { userId: 1, history: [rated(item(1, 1999, "Drama"), 5), rated(item(2, 1950, "War"), 1)] },
  { userId: 2, history: [rated(item(3, 1984, "Comedy+War"), 4)] },
];
const sample = { subject: "user", contexts } as const;

const chat = (more: object = {}): object => ({ provider: "openai", model: "small", ...more });

const nothing = (): AskedBefore => ({ least: new Set(), most: new Set() });

function estimate(
  knowledge: object,
  subjects = 2,
  asked = nothing(),
): Promise<readonly RoleEstimate[]> {
  const settings = knowledgeSettings.parse({ actor: chat(), reflector: chat(), ...knowledge });
  const side = sideSettings(settings, "user");
  return estimateCalls(sample, subjects, side, nouns, settings.prices, asked);
}

/** Of messages by hand: four characters a token, and four tokens around each. */
function tokensOf(messages: readonly { readonly content: string }[]): number {
  return messages.reduce((sum, { content }) => sum + Math.ceil(content.length / 4) + 4, 0);
}

describe("estimateCalls", () => {
  test.each([
    ["reason", {}, [["actor", 2, 2]]],
    ["kar", {}, [["actor", 2, 2]]],
    ["iterate", { rounds: 0 }, [["actor", 2, 2]]],
    // A text and a judgement; or a text, a judgement and another text.
    [
      "iterate",
      { rounds: 1 },
      [
        ["actor", 2, 4],
        ["reflector", 2, 2],
      ],
    ],
    [
      "iterate",
      { rounds: 3 },
      [
        ["actor", 2, 8],
        ["reflector", 2, 6],
      ],
    ],
    [
      "filter",
      { samples: 3 },
      [
        ["actor", 6, 6],
        ["reflector", 6, 6],
      ],
    ],
  ])("%s with %j asks two users as often as the strategy does", async (strategy, more, calls) => {
    const roles = await estimate({ strategy, ...more });
    expect(roles.map(({ role, calls: { least, most } }) => [role, least, most])).toEqual(calls);
  });

  test("counts for a variant only what none before it has asked", async () => {
    const asked = nothing();
    const counts: unknown[] = [];
    for (const variant of [
      { strategy: "iterate", rounds: 1 },
      { strategy: "reason" },
      { strategy: "iterate", rounds: 2 },
      { strategy: "iterate", rounds: 1, reflector: chat({ model: "big" }) },
      { strategy: "iterate", rounds: 1, actor: chat({ model: "big" }) },
      { strategy: "kar" },
      { strategy: "iterate", rounds: 1 },
    ]) {
      const roles = await estimate(variant, 2, asked);
      counts.push(
        roles.map(({ calls, shared }) => [calls.least, calls.most, shared.least, shared.most]),
      );
    }
    expect(counts).toEqual([
      // Each: calls of the actor at least and at most, and those shared; then the reflector's.
      [
        [2, 4, 0, 0],
        [2, 2, 0, 0],
      ],
      [[0, 0, 2, 2]],
      // One more judgement and refinement each, where the first two were shared.
      [
        [0, 2, 2, 4],
        [0, 2, 2, 2],
      ],
      // The first texts are shared; what another reflector says leads to other refinements.
      [
        [0, 2, 2, 2],
        [2, 2, 0, 0],
      ],
      [
        [2, 4, 0, 0],
        [2, 2, 0, 0],
      ],
      [[2, 2, 0, 0]],
      [
        [0, 0, 2, 4],
        [0, 0, 2, 2],
      ],
    ]);
  });

  test("counts the tokens of the very prompts, and 200 words an answer", async () => {
    const [actor] = await estimate({ strategy: "reason" });
    const { reason } = userPrompts(nouns, "tags");
    const prompt = contexts.reduce((sum, each) => sum + tokensOf(reason(each).messages), 0);
    expect(actor?.promptTokens).toEqual({ least: prompt, most: prompt });
    // Ten sentences of 20 words, 112 characters each, with spaces between: 1129 characters, 283 tokens.
    expect(actor?.completionTokens).toEqual({ least: 2 * 283, most: 2 * 283 });
  });

  test("a judgement is short when it is reasonable, and says why when it is not", async () => {
    const [, reflector] = await estimate({ strategy: "iterate" });
    // "<judgement>reasonable</judgement>\n<reflection></reflection>" has 59 characters, with "un" and 1129 more 1190.
    expect(reflector?.completionTokens).toEqual({ least: 2 * 15, most: 2 * 298 });
    const [, schema] = await estimate({
      strategy: "iterate",
      reflector: chat({ structured: "schema" }),
    });
    // {"judgement":"reasonable","reflection":""} has 42 characters.
    expect(schema?.completionTokens.least).toBe(2 * 11);
  });

  test("scales the sample up to all subjects", async () => {
    const [two, seven] = [await estimate({}, 2), await estimate({}, 7)];
    expect(seven.map(({ calls }) => calls)).toEqual([
      { least: 7, most: 14 },
      { least: 7, most: 7 },
    ]);
    expect(seven[0]?.promptTokens.least).toBe(
      Math.round(((two[0]?.promptTokens.least ?? 0) * 7) / 2),
    );
    expect(
      await estimateCalls(
        { subject: "user", contexts: [] },
        0,
        sideSettings(knowledgeSettings.parse({ actor: chat() }), "user"),
        nouns,
        {},
        nothing(),
      ),
    ).toEqual([]);
  });

  test("prices tokens by the million, for each model its own", async () => {
    const prices = { small: { prompt: 100, completion: 1000 } };
    const [actor, reflector] = await estimate({ prices, reflector: chat({ model: "big" }) });
    const { least, most } = actor?.costUsd ?? { least: 0, most: 0 };
    const cost = (of: "least" | "most"): number =>
      ((actor?.promptTokens[of] ?? 0) * 100 + (actor?.completionTokens[of] ?? 0) * 1000) / 1e6;
    expect(least).toBeCloseTo(cost("least"), 9);
    expect(most).toBeCloseTo(cost("most"), 9);
    expect(least).toBeGreaterThan(2 * 0.283);
    expect(reflector?.costUsd).toBeNull();
  });

  test("a model from a file costs nothing; models by batch are estimated like others", async () => {
    const prices = { small: { prompt: 1, completion: 2 } };
    const [live] = await estimate({ strategy: "reason", prices });
    const [file] = await estimate({ strategy: "reason", actor: chat({ provider: "gguf" }) });
    expect(file).toMatchObject({ provider: "gguf", costUsd: { least: 0, most: 0 } });
    for (const provider of ["batch-jsonl", "openai-batch"]) {
      const [batch] = await estimate({ strategy: "reason", prices, actor: chat({ provider }) });
      expect(batch).toEqual({ ...live, provider });
    }
  });

  test("the profiler asks for nothing, and a model may play one role beside it", async () => {
    const profiler = { provider: "profiler" };
    expect(await estimate({ actor: profiler, reflector: profiler })).toEqual([]);
    const roles = await estimate({ actor: profiler });
    expect(roles.map(({ role }) => role)).toEqual(["reflector"]);
    const [actor, ...others] = await estimate({ reflector: profiler });
    expect(actor?.calls).toEqual({ least: 2, most: 4 });
    expect(others).toEqual([]);
  });
});
