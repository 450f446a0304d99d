import type { DomainNouns } from "../domain-nouns.ts";
import { aspectsOf } from "./aspects.ts";
import { feedbackWords } from "./feedback-words.ts";
import { rubric } from "./rubric.ts";
import { systemWording, type Wording } from "./wording.ts";

/** What is asked about a user. */
export function userWording(nouns: DomainNouns): Wording {
  const { item, items, person, people } = nouns;
  const words = feedbackWords(nouns);
  const { positives, negatives, wouldPlease } = words;
  const history =
    `${words.met(`one ${person}`)}, oldest first: each with what is known about it, and with ${words.entry}; ` +
    `"until", where it is given, is the day of the last one`;
  const guidance = [
    `- People have several interests side by side. Group ${positives} into interests, and describe each on its own by its traits: ${aspectsOf(nouns).ofTaste}. ` +
      "Do not force them into one common denominator.",
    `- Say what sets ${negatives} apart.${words.caution}`,
    `- Claim only what the history bears out, and say how firmly: one ${item} is a hint, several are a pattern.`,
    "- Where the history seems to contradict itself, look for the trait that tells the cases apart.",
    `- Speak of traits and kinds of ${items}; do not go through the history title by title.`,
  ].join("\n");
  const purpose =
    `A description of this ${person}'s taste says what they look for in ${items} and what does not draw them, so that a reader who never ` +
    `sees the history could tell whether another ${item} ${wouldPlease}. The rules for writing one:`;
  const criteria = rubric(
    {
      unsupported: "a claim that rests on nothing in the history",
      contradicted: "a claim that the history speaks against",
      missing:
        "a clear pattern that the description leaves out, such as a second interest or what is avoided",
      vague: `a statement that would fit almost any ${person}, and so tells of no ${item} whether it ${wouldPlease}`,
    },
    `a reader who has to tell which ${items} ${wouldPlease}`,
    `the history has two of kind A among ${positives}, and three of kind B among ${negatives}. The description "Enjoys A and B, and much besides" ` +
      `is unreasonable: "Contradicted: that they enjoy B; all three ${items} of kind B are among ${negatives}, so say that B does not draw them. ` +
      'Vague: much besides; it fits anyone, so leave it out."',
  );
  const rewrite =
    "Write the description anew. Keep what is right, correct what is rightly objected to, and ignore an objection that the history " +
    "contradicts. The new text stands for itself: it mentions neither the old one nor the objections.";
  const silence = `The description must hold without the target: it may not name it, describe it or hint at it.`;
  const verdict = words.question(`this ${person}`, "the target");

  return {
    system: systemWording(nouns),
    brief: `Here is the history of one ${person}. The data hold ${history}.\n\n${purpose}\n${guidance}`,
    reason: `Describe the taste of this ${person} in ${items} by these rules.`,
    reflect: `Check this description against the history of this ${person}.\n${criteria}`,
    refine: `This description was checked and found unreasonable; "reflection" holds the objections. ${rewrite}`,
    kar:
      `Work out step by step how one ${person} chooses ${items}. The data hold ${history}; "attributes" on its own, where it is given, is what is known of the ${person}.\n\n` +
      `First, name the factors that matter to ${people} when they choose: ${aspectsOf(nouns).ofTaste}. ` +
      `Second, take the factors one by one and read from the history what this ${person} prefers and avoids in each.${words.caution} ` +
      `Third, draw from this which ${items} ${wouldPlease} and which would not. ` +
      `Speak of traits and kinds of ${items}; do not go through the history title by title.`,
    constructBrief:
      `Here is the history of one ${person}. The data hold, under "history", ${history}; ` +
      `and, under "target", another ${item} ${words.withheld}.\n\n${purpose}\n${guidance}\n- ${silence}`,
    constructReason:
      `Describe the taste of this ${person} in ${items} by these rules. ` +
      `Then give your verdict on whether ${verdict}, as the description leads you to expect.`,
    constructReflect:
      `Check this description against the history of this ${person}, and against the target: does it lead to a sound expectation of it?\n${criteria}\n` +
      "The reflection, too, may not name the target, describe it or hint at it.",
    constructRefine:
      `This description was checked and found unreasonable; "reflection" holds the objections. ${rewrite}\n` +
      `Then give your verdict anew on whether ${verdict}.`,
  };
}
