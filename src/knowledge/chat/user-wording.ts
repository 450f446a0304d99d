import type { DomainNouns } from "../domain-nouns.ts";
import { aspectsOf } from "./aspects.ts";
import { systemWording, type Wording } from "./wording.ts";

/** What is asked about a user. */
export function userWording(nouns: DomainNouns): Wording {
  const { item, items, person } = nouns;
  const history = `the rating history of one ${person}, oldest first: each ${item} with what is known about it, the stars it got, and whether that counts as "like" or "dislike"`;
  const guidance = [
    `- Weigh what the liked ${items} have in common against what sets the disliked ones apart: ${aspectsOf(nouns).ofTaste}.`,
    `- Claim only what the history bears out, and say how firmly: one ${item} is a hint, several are a pattern.`,
    "- Where likes and dislikes seem to contradict each other, look for the trait that explains both.",
    `- Speak of traits and kinds of ${items}; do not go through the history title by title.`,
  ].join("\n");
  const purpose = `Say what this ${person} looks for in ${items} and what puts them off, so that a reader who never sees the history could tell whether another ${item} would please them.`;
  const criteria = [
    "It is reasonable when every claim agrees with the history, when the clear patterns among both likes and dislikes are covered, " +
      `and when it is definite enough to tell which ${items} would please this ${person}.`,
    "It is unreasonable when a claim contradicts the history or rests on nothing in it, when a clear pattern is missing, or when it is so " +
      "vague that it would fit almost anyone. Style does not matter.",
  ].join("\n");
  const rewrite =
    "Write the description anew. Keep what is right, correct what is rightly objected to, and ignore an objection that the history " +
    "contradicts. The new text stands for itself: it mentions neither the old one nor the objections.";
  const silence = `The description must hold without the target: it may not name it, describe it or hint at it.`;

  return {
    system: systemWording(nouns),
    reason: `Describe the taste of one ${person} in ${items}. The data hold ${history}.\n\n${purpose}\n${guidance}`,
    reflect: `Check the description above against the history of this ${person}.\n${criteria}`,
    refine: `The description above was checked and found unreasonable; the data hold the objections. ${rewrite}`,
    kar:
      `Work out step by step how one ${person} chooses ${items}. The data hold ${history}.\n\n` +
      `First, name the factors that matter to ${nouns.people} when they choose: ${aspectsOf(nouns).ofTaste}. ` +
      `Second, take the factors one by one and read from the history what this ${person} prefers and avoids in each. ` +
      `Third, draw from this which ${items} would please them and which would not. ` +
      `Speak of traits and kinds of ${items}; do not go through the history title by title.`,
    constructReason:
      `Describe the taste of one ${person} in ${items}, and judge by it whether they like one more. The data hold, under "history", ${history}; ` +
      `and, under "target", another ${item} that they have rated: what they gave it is withheld.\n\n${purpose}\n${guidance}\n- ${silence}\n\n` +
      `Then give your verdict on whether this ${person} likes the target, as the description leads you to expect.`,
    constructReflect:
      `Check the description above against the history of this ${person}, and against the target: does it lead to a sound expectation of it?\n${criteria}\n` +
      "The reflection, too, may not name the target, describe it or hint at it.",
    constructRefine:
      `The description above was checked and found unreasonable; the data hold the objections. ${rewrite} ${silence}\n` +
      `Then give your verdict anew on whether this ${person} likes the target.`,
  };
}
