import type { DomainNouns } from "../domain-nouns.ts";
import { fixedForm, grammar, listForm, wordedForms, type Grammar } from "./claims.ts";

/** What a user's profile may claim. */
export type UserClaimKind =
  "temper" | "likes" | "mixed" | "avoids" | "open" | "favourite" | "sampled" | "regret";

/** How readily a user likes, from the most to the least willing. */
export const tempers = ["delighted", "friendly", "balanced", "demanding", "harsh"] as const;
/** See {@link tempers}. */
export type Temper = (typeof tempers)[number];

/** The claim that nothing stands out among what the user liked. */
export const openTaste = { kind: "open", attribute: "taste", value: "" } as const;

/** The sentences of a user's profile, in the order of telling. */
export function userGrammar({
  item,
  items,
  person,
  event,
  feedback,
}: DomainNouns): Grammar<UserClaimKind> {
  const isRated = feedback.kind === "rating";
  const regret = isRated ? "Rated low" : `Passed over, not ${event}`;
  const avoids = isRated ? "is let down by" : "passes over";
  const tempered: Record<Temper, string> = {
    delighted: `An enthusiast who is delighted with almost every ${item}.`,
    friendly: `A friendly ${person} who enjoys most ${items}.`,
    balanced: `A balanced ${person} who praises about as many ${items} as not.`,
    demanding: `A demanding ${person} who is won over by few ${items}.`,
    harsh: `A harsh critic whom hardly any ${item} pleases.`,
  };
  return grammar<UserClaimKind>([
    ...tempers.map((value) =>
      fixedForm({ kind: "temper", attribute: "temper", value }, tempered[value]),
    ),
    ...wordedForms("likes", {
      genre: `This ${person} enjoys {values:and} ${items}.`,
      director: `This ${person} seeks out ${items} directed by {values:and}.`,
      author: `This ${person} seeks out ${items} written by {values:and}.`,
      decade: `This ${person} is at home in ${items} of the {values:and}.`,
      "*": `This ${person} enjoys ${items} whose {name:name} is {values:or}.`,
    }),
    fixedForm(openTaste, `No kind of ${item} stands out among those this ${person} liked.`),
    listForm("favourite", "title", "Favourites so far: {values:titles}."),
    ...wordedForms("sampled", {
      genre: `Among the liked were {values:and} ${items}.`,
      director: `The liked ${items} were directed by {values:and}.`,
      author: `The liked ${items} were written by {values:and}.`,
      decade: `The liked ${items} were of the {values:and}.`,
      "*": `Among the liked were ${items} whose {name:name} is {values:or}.`,
    }),
    ...wordedForms("mixed", {
      genre: `Opinions are divided on {values:and} ${items}.`,
      director: `Opinions are divided on ${items} directed by {values:and}.`,
      author: `Opinions are divided on ${items} written by {values:and}.`,
      decade: `Opinions are divided on ${items} of the {values:and}.`,
      "*": `Opinions are divided on ${items} whose {name:name} is {values:or}.`,
    }),
    ...wordedForms("avoids", {
      genre: `This ${person} ${avoids} {values:and} ${items}.`,
      director: `This ${person} ${avoids} ${items} directed by {values:and}.`,
      author: `This ${person} ${avoids} ${items} written by {values:and}.`,
      decade: `This ${person} ${avoids} ${items} of the {values:and}.`,
      "*": `This ${person} ${avoids} ${items} whose {name:name} is {values:or}.`,
    }),
    listForm("regret", "title", `${regret}: {values:titles}.`),
  ]);
}
