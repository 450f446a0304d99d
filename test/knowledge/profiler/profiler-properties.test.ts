import { describe, expect, test } from "vitest";
import { domainNouns } from "../../../src/knowledge/domain-nouns.ts";
import { uniqueClaims, type Claim, type Grammar } from "../../../src/knowledge/profiler/claims.ts";
import { itemGrammar } from "../../../src/knowledge/profiler/item-grammar.ts";
import { itemRules } from "../../../src/knowledge/profiler/item-rules.ts";
import { profiler } from "../../../src/knowledge/profiler/profiler.ts";
import { parseReflection, printReflection } from "../../../src/knowledge/profiler/reflection.ts";
import { faults, type Rules } from "../../../src/knowledge/profiler/rules.ts";
import { userGrammar } from "../../../src/knowledge/profiler/user-grammar.ts";
import { userRules } from "../../../src/knowledge/profiler/user-rules.ts";
import type { Actor, Reflector } from "../../../src/knowledge/roles.ts";
import { strategies } from "../../../src/knowledge/strategies.ts";
import {
  nastyTexts,
  randomFrom,
  randomItemContext,
  randomUser,
} from "../contexts/make-contexts.ts";

const nouns = domainNouns("film", "viewer");
const ask = { signal: new AbortController().signal, sample: 0, onCall: () => undefined };
const provider = profiler(nouns);
const seeds = Array.from({ length: 400 }, (_, seed) => seed);

const sorted = (claims: readonly Claim[]): string[] =>
  claims.map(({ kind, attribute, value }) => JSON.stringify([kind, attribute, value])).sort();

interface Subject<Kind extends string, C> {
  readonly grammar: Grammar<Kind>;
  readonly rules: Rules<Kind, C>;
  readonly actor: Actor<C>;
  readonly reflector: Reflector<C>;
  readonly contextOf: (seed: number) => C;
  /** Kinds of claims that may be about any attribute. */
  readonly free: readonly Kind[];
}

function holds<Kind extends string, C>(subject: Subject<Kind, C>): void {
  const { grammar, rules, actor, reflector, contextOf, free } = subject;
  const told = (context: C, rounds: number) =>
    strategies.iterate(context, { actor, reflector, rounds, samples: 1, signal: ask.signal });

  test("drafts are read back claim by claim", () => {
    for (const seed of seeds) {
      const claims = rules(contextOf(seed)).draft();
      const parsed = grammar.parse(grammar.print(claims));
      expect(parsed.unread).toEqual([]);
      expect(sorted(parsed.claims)).toEqual(sorted(claims));
    }
  });

  test("any claims, however nasty their values, are read back, alone and in a reflection", () => {
    const random = randomFrom(7);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    for (let round = 0; round < 300; round += 1) {
      const claims = uniqueClaims(
        Array.from({ length: 6 }, () => ({
          kind: pick(free),
          attribute: pick(["genre", "director", "author", "decade", "age rating", ...nastyTexts]),
          value: pick(["Drama", ...nastyTexts]),
        })),
      );
      const text = grammar.print(claims);
      expect(sorted(grammar.parse(text).claims)).toEqual(sorted(claims));
      const objections = claims.map((claim) => ({
        fault: pick(faults),
        because: "2 liked, 1 disliked",
        claim,
      }));
      const reflection = printReflection(objections, [pick(nastyTexts)], grammar);
      expect(parseReflection(reflection, grammar)).toEqual(objections);
    }
  });

  test("after one refinement every claim holds and the reflector agrees", async () => {
    let refined = 0;
    for (const seed of seeds) {
      const context = contextOf(seed);
      const { rows } = await told(context, 1);
      const text = rows.find((row) => row.is_final)?.text ?? "";
      const { claims, unread } = grammar.parse(text);
      expect(unread).toEqual([]);
      const study = rules(context);
      expect(claims.filter((claim) => study.examine(claim) !== undefined)).toEqual([]);
      expect(study.missed(claims)).toEqual([]);
      expect((await reflector.reflect(context, text, ask)).judgement).toBe("reasonable");
      refined += rows.length === 3 ? 1 : 0;
    }
    // Neither role is idle: some drafts pass, some are sent back.
    expect(refined).toBeGreaterThan(0.2 * seeds.length);
    expect(refined).toBeLessThan(seeds.length);
  });

  test.each([0, 1, 3])(
    "rows have the shape of T = %d, with exactly one final text",
    async (rounds) => {
      for (const seed of seeds.slice(0, 100)) {
        const { rows } = await told(contextOf(seed), rounds);
        expect(rows.filter((row) => row.is_final)).toHaveLength(1);
        const steps = rows.map(({ round, task }) => `${round} ${task}`).join(", ");
        // The profiler needs one refinement at most, so T = 3 judges it once more and stops.
        const expected =
          rounds === 0
            ? ["0 reason"]
            : ["0 reason, 0 reflect", "0 reason, 0 reflect, 1 refine"].map((each, refinements) =>
                rounds > 1 && refinements === 1 ? `${each}, 1 reflect` : each,
              );
        expect(expected).toContain(steps);
      }
    },
  );

  test("says the same twice, on one line", async () => {
    for (const seed of seeds.slice(0, 50)) {
      const { rows } = await told(contextOf(seed), 1);
      expect((await told(contextOf(seed), 1)).rows).toEqual(rows);
      for (const { text } of rows) expect(text).not.toMatch(/[\n\r]/u);
    }
  });
}

describe("for any user", () => {
  holds({
    grammar: userGrammar(nouns),
    rules: userRules,
    actor: provider.actors.user,
    reflector: provider.reflectors.user,
    contextOf: randomUser,
    free: ["likes", "mixed", "avoids", "sampled"],
  });
});

describe("for any item", () => {
  holds({
    grammar: itemGrammar(nouns),
    rules: itemRules,
    actor: provider.actors.item,
    reflector: provider.reflectors.item,
    contextOf: randomItemContext,
    free: ["has", "draws", "deters"],
  });
});
