import { expect, test } from "vitest";
import { roundFigures } from "../../src/report/figures/round-figures.ts";
import type { KnowledgeRound } from "../../src/report/run-results.ts";

function roundOf(round: number, more: Partial<KnowledgeRound> = {}): KnowledgeRound {
  return {
    ...{ variant: "R4ec", subject: "user", round, texts: 8, reasonable: 4, unreasonable: 4 },
    ...{ finalTexts: 4, exhausted: 0, unreadable: 0, errors: 0, calls: 16 },
    ...{ meanWords: 120, reasonableShare: 0.5, cachedTokens: null },
    ...{ promptTokens: 4000, completionTokens: 1000, costUsd: 0.02 },
    ...more,
  };
}

const drawn = async (rounds: readonly KnowledgeRound[]): Promise<readonly (readonly string[])[]> =>
  (await roundFigures(rounds)).map((figure) => {
    const [, title = "", description = ""] =
      /<title>([^<]+)<\/title>\s*<desc>([^<]+)<\/desc>/.exec(figure.markup) ?? [];
    return [title, description];
  });

test("draws what is known of two rounds or more, a line for users and one for items of each variant", async () => {
  const later = { reasonableShare: 0.875, meanWords: 150, promptTokens: 2000, costUsd: 0.013 };
  const rounds = [
    ...[roundOf(0), roundOf(1, later)],
    ...[roundOf(0, { subject: "item" }), roundOf(1, { subject: "item", reasonableShare: null })],
  ];
  expect(await drawn(rounds)).toEqual([
    [
      "Texts judged reasonable by the end of each round",
      "users: round 0 0.5, round 1 0.875; items: round 0 0.5",
    ],
    [
      "Length of the texts at the end of each round",
      "users: round 0 120, round 1 150; items: round 0 120, round 1 120",
    ],
    [
      "Tokens of prompts and answers in each round",
      "users: round 0 5000, round 1 3000; items: round 0 5000, round 1 5000",
    ],
    ["Cost of each round", "users: round 0 0.02, round 1 0.013; items: round 0 0.02, round 1 0.02"],
  ]);
});

test("draws nothing of one round, nor what is not known of a second", async () => {
  expect(await drawn([roundOf(0)])).toEqual([]);
  const unknown = { promptTokens: null, completionTokens: null, costUsd: null };
  const second = roundOf(1, { ...unknown, reasonableShare: null });
  const titles = (await drawn([roundOf(0), second])).map(([title]) => title);
  expect(titles).toEqual(["Length of the texts at the end of each round"]);
});

test("names the variants where there are several", async () => {
  const rounds = [0, 1].flatMap((round) => [roundOf(round), roundOf(round, { variant: "R2ec" })]);
  const [[, description] = []] = await drawn(rounds);
  expect(description).toBe(
    "R4ec, users: round 0 0.5, round 1 0.5; R2ec, users: round 0 0.5, round 1 0.5",
  );
});
