import type { DomainNouns } from "../domain-nouns.ts";
import { aspectsOf } from "./aspects.ts";
import { systemWording, type Wording } from "./wording.ts";

/** What is asked about an item. */
export function itemWording(nouns: DomainNouns): Wording {
  const { item, items, person, people } = nouns;
  const evidence =
    `under "item", the ${item}; under "liker", what one ${person} who liked it had rated before, with the stars and whether they count as ` +
    `"like" or "dislike"; and, under "disliker", the same of one ${person} who disliked it. Null stands for nobody known`;
  const parts = [
    `- the ${item} itself: ${aspectsOf(nouns).ofItem};`,
    `- whom it pleases: the taste that the history of the liker shows, put as a kind of ${person}, and which traits of the ${item} meet it;`,
    `- whom it disappoints: the same from the history of the disliker.`,
  ].join("\n");
  const manner =
    `Where a history is null, infer the taste from the ${item}, and say that it is inferred. Describe tastes by traits and kinds of ${items}: ` +
    `name none of the ${items} in the histories and do not retell them. The only ${item} that may be named is the one described.`;
  const criteria = [
    `It is reasonable when what it says about the ${item} is true, when the tastes it gives to those whom the ${item} pleases and disappoints ` +
      "follow from the histories, and when the two can be told apart.",
    `It is unreasonable when a claim about the ${item} is wrong, when a taste contradicts a history or rests on nothing in it, when one of the ` +
      `parts asked for is missing, when it names ${items} of the histories, or when it is so vague that it would fit almost any ${item}. Style does not matter.`,
  ].join("\n");
  const rewrite =
    "Write the description anew. Keep what is right, correct what is rightly objected to, and ignore an objection that the evidence " +
    `contradicts. Again name none of the ${items} in the histories. The new text stands for itself: it mentions neither the old one nor the objections.`;
  const silence = `Nothing in the description may come from the history of the target ${person}, and it may not mention them.`;

  return {
    system: systemWording(nouns),
    reason: `Describe one ${item} and whom it suits. The data hold, ${evidence}.\n\nCover, in this order:\n${parts}\n${manner}`,
    reflect: `Check the description above against the ${item} and the histories of the two ${people}.\n${criteria}`,
    refine: `The description above was checked and found unreasonable; the data hold the objections. ${rewrite}`,
    kar:
      `Work out step by step what one ${item} is like and whom it suits. The data hold, ${evidence}.\n\n` +
      `First, state what is known about the ${item}: ${aspectsOf(nouns).ofItem}. ` +
      `Second, say which of these would draw ${people} to it, in the light of the liker. ` +
      `Third, say which would put ${people} off, in the light of the disliker. ${manner}`,
    constructReason:
      `Describe one ${item} and whom it suits, and judge by it whether one more ${person} likes it. The data hold, ${evidence}. ` +
      `Under "target" they hold what a third ${person}, who has rated the ${item} too, had rated before: what they gave the ${item} is withheld.\n\n` +
      `Cover, in this order:\n${parts}\n${manner} ${silence}\n\n` +
      `Then give your verdict on whether the target ${person} likes the ${item}, as the description and their history lead you to expect.`,
    constructReflect:
      `Check the description above against the ${item} and the histories of liker and disliker, and against the target ${person}: ` +
      `does it lead to a sound expectation of whether the ${item} pleases them?\n${criteria}\n` +
      `The reflection, too, may not mention the target ${person} or anything from their history.`,
    constructRefine:
      `The description above was checked and found unreasonable; the data hold the objections. ${rewrite} ${silence}\n` +
      `Then give your verdict anew on whether the target ${person} likes the ${item}.`,
  };
}
