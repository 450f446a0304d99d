/**
 * @file The built-in provider: statistics of the context written out as sentences. It is not a language model. Its actor
 * drafts in haste, its reflector reads the claims back out of any text in its own sentences and derives each again from the
 * context, and its actor repairs what the reflection objects to.
 */

import type { DomainNouns } from "../domain-nouns.ts";
import type { Actor, Origin, Provider, Reflector } from "../roles.ts";
import { sameClaim, type Claim, type Grammar } from "./claims.ts";
import { itemGrammar } from "./item-grammar.ts";
import { itemRules } from "./item-rules.ts";
import { parseReflection, printReflection } from "./reflection.ts";
import type { Objection, Rules, Study } from "./rules.ts";
import { userGrammar } from "./user-grammar.ts";
import { userRules } from "./user-rules.ts";

const origin: Origin = { provider: "profiler", model: "profiler", promptVersion: "profiler-1" };

/** The built-in provider, speaking of the domain in `nouns`. Deterministic; answers at once. */
export function profiler(nouns: DomainNouns): Provider {
  const user = roles(userGrammar(nouns), userRules);
  const item = roles(itemGrammar(nouns), itemRules);
  return {
    inFlight: 1,
    actors: { user: user.actor, item: item.actor },
    reflectors: { user: user.reflector, item: item.reflector },
  };
}

/** Actor and reflector for one kind of subject. */
function roles<Kind extends string, C extends object>(
  grammar: Grammar<Kind>,
  rules: Rules<Kind, C>,
): { readonly actor: Actor<C>; readonly reflector: Reflector<C> } {
  // The three questions about a context share its counts.
  const studies = new WeakMap<C, Study<Kind>>();
  const studyOf = (context: C): Study<Kind> => {
    const study = studies.get(context) ?? rules(context);
    studies.set(context, study);
    return study;
  };

  const objectionsTo = (
    study: Study<Kind>,
    claims: readonly Claim<Kind>[],
  ): readonly Objection<Kind>[] => [
    ...claims.flatMap((claim) => {
      const complaint = study.examine(claim);
      return complaint === undefined ? [] : [{ ...complaint, claim }];
    }),
    ...study.missed(claims),
  ];

  return {
    actor: {
      origin,
      reason: (context) =>
        Promise.resolve({ ...origin, text: grammar.print(studyOf(context).draft()) }),
      refine: (context, previousText, reflection) => {
        const study = studyOf(context);
        const { claims } = grammar.parse(previousText);
        const read = parseReflection(reflection, grammar);
        // A reflection by another provider may hold nothing readable; then the actor looks again by itself.
        const objections = read.length > 0 ? read : objectionsTo(study, claims);
        const text = grammar.print(repaired(study, claims, objections));
        return Promise.resolve({ ...origin, text });
      },
    },
    reflector: {
      origin,
      reflect: (context, text) => {
        const { claims, unread } = grammar.parse(text);
        const objections = objectionsTo(studyOf(context), claims);
        if (objections.length === 0 && unread.length === 0) {
          return Promise.resolve({
            ...origin,
            text: `Reasonable. All ${claims.length} claims hold.`,
            judgement: "reasonable",
            reflection: null,
          });
        }
        const reflection = printReflection(objections, unread, grammar);
        return Promise.resolve({
          ...origin,
          text: `Unreasonable. ${reflection}`,
          judgement: "unreasonable",
          reflection,
        });
      },
    },
  };
}

/** Drops or corrects what was rejected, adds what was missed, keeps the rest. */
function repaired<Kind extends string>(
  study: Study<Kind>,
  claims: readonly Claim<Kind>[],
  objections: readonly Objection<Kind>[],
): readonly Claim<Kind>[] {
  const added = objections.filter(({ fault }) => fault === "Missed").map(({ claim }) => claim);
  const rejected = objections.filter(({ fault }) => fault !== "Missed").map(({ claim }) => claim);
  const kept = claims.filter((claim) => !rejected.some((other) => sameClaim(other, claim)));
  const corrected = rejected.flatMap((claim) => study.correct(claim) ?? []);
  return study.arrange([...kept, ...added, ...corrected]);
}
