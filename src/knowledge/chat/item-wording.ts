import type { DomainNouns } from "../domain-nouns.ts";
import { aspectsOf } from "./aspects.ts";
import { feedbackWords } from "./feedback-words.ts";
import { rubric } from "./rubric.ts";
import { systemWording, type Wording } from "./wording.ts";

/** What is asked about an item. */
export function itemWording(nouns: DomainNouns): Wording {
  const { item, items, person, people } = nouns;
  const words = feedbackWords(nouns);
  const [taker, passer] = words.sides;
  const evidence =
    `under "item", the ${item}; under "${taker}", ${words.met(`one ${person} who ${words.did[0]}`)} before, each with ${words.entry}; ` +
    `and, under "${passer}", the same of one ${person} who ${words.did[1]}. Null stands for nobody known`;
  const parts = [
    `- the ${item} itself: ${aspectsOf(nouns).ofItem};`,
    `- whom it suits: the interests that the history of the ${taker} shows, each apart, put as kinds of ${person}, and which traits of the ${item} meet them;`,
    `- whom it does not suit: the same from the history of the ${passer}.`,
  ].join("\n");
  const manner =
    `Where a history is null, infer the taste from the ${item}, and say that it is inferred.${words.caution} Describe tastes by traits and kinds of ${items}: ` +
    `name none of the ${items} in the histories and do not retell them. The only ${item} that may be named is the one described.`;
  const criteria = rubric(
    {
      unsupported: `a taste that rests on nothing in a history, or a claim about the ${item} that neither its attributes nor common knowledge bear out`,
      contradicted: `a claim about the ${item} that is wrong, or a taste that a history speaks against`,
      missing: "one of the parts asked for is left out, or a clear pattern of a history",
      vague: `a statement that would fit almost any ${item}, or the same taste for both people; so is naming ${items} of the histories in place of traits`,
    },
    `a reader who has to tell which ${people} the ${item} suits`,
    `the history of the ${passer} has four of kind A among ${words.positives}. The description "It suits lovers of A; others will find it long" ` +
      `is unreasonable: "Contradicted: lovers of A; that is the taste of the ${passer}, so say that A alone does not make it suit them. ` +
      'Vague: others; say whose taste that is."',
  );
  const contents = `A description of the ${item} and of whom it suits covers, in this order:\n${parts}\n${manner}`;
  const rewrite =
    "Write the description anew. Keep what is right, correct what is rightly objected to, and ignore an objection that the evidence " +
    `contradicts. Again name none of the ${items} in the histories. The new text stands for itself: it mentions neither the old one nor the objections.`;
  const silence = `Nothing in the description may come from the history of the target ${person}, and it may not mention them.`;
  const verdict = words.question(`the target ${person}`, `the ${item}`);

  return {
    system: systemWording(nouns),
    brief: `Here is one ${item}. The data hold, ${evidence}.\n\n${contents}`,
    reason: `Describe the ${item} and whom it suits in this way.`,
    reflect: `Check this description against the ${item} and the histories of the two ${people}.\n${criteria}`,
    refine: `This description was checked and found unreasonable; "reflection" holds the objections. ${rewrite}`,
    kar:
      `Work out step by step what one ${item} is like and whom it suits. The data hold what is known about it; nobody's history is shown.\n\n` +
      `First, state what the ${item} is: ${aspectsOf(nouns).ofItem}. ` +
      `Second, say which of these draw ${people} to it, and which kinds of ${person}. ` +
      `Third, say which put ${people} off, and which kinds of ${person}. ` +
      `Use the attributes in the data and what you know about the ${item}; where you do not know it, say what its attributes suggest. ` +
      `The only ${item} that may be named is the one described.`,
    constructBrief:
      `Here is one ${item}. The data hold, ${evidence}. ` +
      `Under "target" they hold the same of a third ${person}, from before they came to the ${item}: what they made of the ${item} is withheld.\n\n` +
      `${contents} ${silence}`,
    constructReason:
      `Describe the ${item} and whom it suits in this way. ` +
      `Then give your verdict on whether ${verdict}, as the description and their history lead you to expect.`,
    constructReflect:
      `Check this description against the ${item} and the histories of ${taker} and ${passer}, and against the target ${person}: ` +
      `does it lead to a sound expectation of whether ${verdict}?\n${criteria}\n` +
      `The reflection, too, may not mention the target ${person} or anything from their history.`,
    constructRefine:
      `This description was checked and found unreasonable; "reflection" holds the objections. ${rewrite}\n` +
      `Then give your verdict anew on whether ${verdict}.`,
  };
}
