/** @file Answers as models give them, good and bad, with what must be read from them. Written by hand. */

import type { Construction } from "../../../src/knowledge/chat/parse-construction.ts";
import type { Judged } from "../../../src/knowledge/chat/parse-judgement.ts";
import type { Verdict } from "../../../src/knowledge/chat/parse-verdict.ts";

interface Case<T> {
  readonly what: string;
  readonly answer: string;
  /** Null: unreadable. */
  readonly expected: T | null;
}

const reasonable: Judged = { judgement: "reasonable", reflection: null };
const unreasonable = (reflection: string): Judged => ({ judgement: "unreasonable", reflection });

export const judgements: readonly Case<Judged>[] = [
  {
    what: "the form asked for, reasonable",
    answer: "<judgement>reasonable</judgement>\n<reflection></reflection>",
    expected: reasonable,
  },
  {
    what: "the form asked for, unreasonable",
    answer:
      "<judgement>unreasonable</judgement>\n<reflection>It overlooks the comedies.</reflection>",
    expected: unreasonable("It overlooks the comedies."),
  },
  {
    what: "tags in other case and spacing",
    answer: "< Judgement >\n Unreasonable \n</ JUDGEMENT >\n<Reflection >Too vague.< /reflection>",
    expected: unreasonable("Too vague."),
  },
  {
    what: "the American spelling",
    answer: "<judgment>Reasonable</judgment><reflection>None.</reflection>",
    expected: reasonable,
  },
  {
    what: "a reflection that is never closed",
    answer: "<judgement>unreasonable</judgement><reflection>War films are missing",
    expected: unreasonable("War films are missing"),
  },
  {
    what: "a judgement that is never closed",
    answer: "<judgement>unreasonable\n<reflection>War films are missing.</reflection>",
    expected: unreasonable("War films are missing."),
  },
  {
    what: "an opening tag in place of a closing one",
    answer: "<judgement>reasonable<judgement>\n<reflection></reflection>",
    expected: reasonable,
  },
  {
    what: "an empty tag",
    answer: "<judgement>reasonable</judgement><reflection/>",
    expected: reasonable,
  },
  {
    what: "no reflection tag, the reason after the judgement",
    answer: "<judgement>unreasonable</judgement>\nIt claims a love of horror that nothing shows.",
    expected: unreasonable("It claims a love of horror that nothing shows."),
  },
  {
    what: "the reason inside the judgement",
    answer: "<judgement>Unreasonable: the text mixes up likes and dislikes.</judgement>",
    expected: unreasonable("the text mixes up likes and dislikes."),
  },
  {
    what: "unreasonable and not a word on why",
    answer: "<judgement>unreasonable</judgement>\n<reflection></reflection>",
    expected: null,
  },
  {
    what: "unreasonable with a reflection that says there is none",
    answer: "<judgement>unreasonable</judgement>\n<reflection>N/A</reflection>",
    expected: null,
  },
  {
    what: "quoted",
    answer: '<judgement>"not reasonable"</judgement><reflection>Too general.</reflection>',
    expected: unreasonable("Too general."),
  },
  {
    what: "a sentence in the tag",
    answer:
      "<judgement>The description is not entirely reasonable.</judgement><reflection>No word on directors.</reflection>",
    expected: unreasonable("No word on directors."),
  },
  {
    what: "a contraction",
    answer: "<judgement>It isn't reasonable</judgement><reflection>No evidence.</reflection>",
    expected: unreasonable("No evidence."),
  },
  {
    what: "the choice echoed",
    answer: "<judgement>reasonable or unreasonable</judgement><reflection>...</reflection>",
    expected: null,
  },
  {
    what: "two judgements that disagree",
    answer:
      "<judgement>reasonable</judgement> or rather <judgement>unreasonable</judgement><reflection>x y</reflection>",
    expected: null,
  },
  {
    what: "two judgements that agree",
    answer: "<judgement>reasonable</judgement>\n<judgement>reasonable</judgement>",
    expected: reasonable,
  },
  {
    what: "a double negative",
    answer: "<judgement>not unreasonable</judgement><reflection>fine</reflection>",
    expected: null,
  },
  {
    what: "another word",
    answer: "<judgement>good</judgement><reflection></reflection>",
    expected: null,
  },
  {
    what: "reasonable, with advice all the same",
    answer:
      "<judgement>reasonable</judgement><reflection>It would be unreasonable to ask for more.</reflection>",
    expected: reasonable,
  },
  {
    what: "JSON",
    answer: '{"judgement": "unreasonable", "reflection": "It names \\"one\\" film only."}',
    expected: unreasonable('It names "one" film only.'),
  },
  {
    what: "JSON in a fence, with words before and other case",
    answer:
      'Here is my judgement:\n```json\n{"Judgement": "Reasonable", "Reflection": ""}\n```\nThanks.',
    expected: reasonable,
  },
  {
    what: "JSON with raw line breaks and a trailing comma",
    answer: '{\n "judgement": "unreasonable",\n "reflection": "First.\nSecond.",\n}',
    expected: unreasonable("First.\nSecond."),
  },
  {
    what: "JSON after braces that are none",
    answer: 'The set {a, b}: {"judgement":"reasonable","reflection":null}',
    expected: reasonable,
  },
  {
    what: "JSON cut off",
    answer:
      '{"judgement": "unreasonable", "reflection": "The text overlooks that both of the comedies were dis',
    expected: null,
  },
  {
    what: "braces inside a JSON string",
    answer: '{"judgement":"unreasonable","reflection":"It says {sic} and } too."}',
    expected: unreasonable("It says {sic} and } too."),
  },
  {
    what: "labelled lines",
    answer: "Judgement: unreasonable\nReflection: Nothing is said of what they dislike.",
    expected: unreasonable("Nothing is said of what they dislike."),
  },
  {
    what: "labelled lines in Markdown",
    answer: "**Judgement:** Reasonable\n\n**Reflection:** None",
    expected: reasonable,
  },
  {
    what: "headings",
    answer: "## Judgement\nNot reasonable.\n\n## Reflection\nThe decade is wrong.",
    expected: unreasonable("The decade is wrong."),
  },
  { what: "one word", answer: "Reasonable.", expected: reasonable },
  { what: "the other word alone", answer: "unreasonable", expected: null },
  {
    what: "the word first, the reason after, which uses the word again",
    answer: "Unreasonable. A reasonable text would mention the westerns.",
    expected: unreasonable("A reasonable text would mention the westerns."),
  },
  {
    what: "a sentence that holds both judgement and reason",
    answer: "The text is not reasonable because it forgets that both comedies were disliked.",
    expected: unreasonable("because it forgets that both comedies were disliked."),
  },
  {
    what: "a judgement late in the answer",
    answer: "Having compared the claims with the ratings, I find this account reasonable.",
    expected: reasonable,
  },
  {
    what: "both, and no form",
    answer: "Parts of it are reasonable, but the claim about horror is unreasonable.",
    expected: null,
  },
  {
    what: "thinking before the answer",
    answer:
      "<think>Is it unreasonable? <judgement>unreasonable</judgement> No.</think>\n<judgement>reasonable</judgement><reflection></reflection>",
    expected: reasonable,
  },
  {
    what: "thinking whose start is in the template",
    answer: "It may be unreasonable.\n</think>\n\n<judgement>reasonable</judgement>",
    expected: reasonable,
  },
  {
    what: "thinking that never ends",
    answer: "<think>It may be reasonable, but",
    expected: null,
  },
  { what: "nothing", answer: "", expected: null },
  { what: "a refusal", answer: "I'm sorry, I can't help with that.", expected: null },
  {
    what: "JSON with a list of reflections",
    answer: '{"judgement":"unreasonable","reflection":["No thrillers.","Too sure of westerns"]}',
    expected: unreasonable("No thrillers. Too sure of westerns"),
  },
  {
    what: "JSON with an object of reflections",
    answer: '{"judgement":"unreasonable","reflection":{"lacks":"thrillers","adds":"westerns"}}',
    expected: unreasonable("lacks: thrillers; adds: westerns"),
  },
  {
    what: "JSON in JSON",
    answer: '{"result":{"output":{"judgement":"unreasonable","reflection":"No thrillers."}}}',
    expected: unreasonable("No thrillers."),
  },
  {
    what: "JSON as text in JSON",
    answer: JSON.stringify({
      name: "judge",
      arguments: JSON.stringify({ judgement: "unreasonable", reflection: "No thrillers." }),
    }),
    expected: unreasonable("No thrillers."),
  },
  {
    what: "JSON in a list",
    answer: '[{"judgement":"unreasonable","reflection":"No thrillers."}]',
    expected: unreasonable("No thrillers."),
  },
  {
    what: "another JSON object first",
    answer: '{"plan":"look at the years"}\n{"judgement":"unreasonable","reflection":"No 1980s."}',
    expected: unreasonable("No 1980s."),
  },
  {
    what: "the schema first",
    answer:
      '{"properties":{"judgement":{"enum":["reasonable","unreasonable"]}}}\nno object follows it',
    expected: null,
  },
  {
    what: "JSON with quotes that should have been escaped",
    answer: '{"judgement": "unreasonable", "reflection": "It takes "noir" for "horror"."}',
    expected: unreasonable('It takes "noir" for "horror".'),
  },
  {
    what: "Python's way of writing it, with an apostrophe",
    answer: "{'judgement': 'unreasonable', 'reflection': 'It doesn't name thrillers.'}",
    expected: unreasonable("It doesn't name thrillers."),
  },
  {
    what: "JSON with comments and a comma too many",
    answer: '{\n// after all\n"judgement": "unreasonable", /* so */ "reflection": "No noir.",\n}',
    expected: unreasonable("No noir."),
  },
  {
    what: "JSON with curly quotes",
    answer: "{“judgement”: “unreasonable”, “reflection”: “No noir.”}",
    expected: unreasonable("No noir."),
  },
  {
    what: "JSON with no in place of the word",
    answer: '{"judgement": false, "reflection": "No noir."}',
    expected: unreasonable("No noir."),
  },
  {
    what: "JSON with yes in place of the word",
    answer: '{"judgement": true, "reflection": ""}',
    expected: reasonable,
  },
  {
    what: "the form first",
    answer:
      "<judgement>…</judgement><reflection>…</reflection>\n<judgement>unreasonable</judgement><reflection>No noir.</reflection>",
    expected: unreasonable("No noir."),
  },
  {
    what: "the choice first",
    answer:
      "<judgement>reasonable/unreasonable</judgement>\n<judgement>unreasonable</judgement><reflection>No noir.</reflection>",
    expected: unreasonable("No noir."),
  },
  {
    what: "tags with attributes",
    answer:
      '<judgement kind="final">unreasonable</judgement><reflection n="1">No noir.</reflection>',
    expected: unreasonable("No noir."),
  },
  {
    what: "Chinese",
    answer: "<judgement>不合理</judgement>\n<reflection>没有提到黑色电影。</reflection>",
    expected: unreasonable("没有提到黑色电影。"),
  },
  { what: "Chinese, reasonable", answer: "<judgement>合理</judgement>", expected: reasonable },
  {
    what: "German",
    answer: "<judgement>unvernünftig</judgement><reflection>Der Film noir fehlt.</reflection>",
    expected: unreasonable("Der Film noir fehlt."),
  },
  {
    what: "YAML",
    answer: "judgement: unreasonable\nreflection: |\n  No noir.",
    expected: unreasonable("No noir."),
  },
  {
    what: "thinking that changes its mind, in marks of its own",
    answer:
      "[THINK]It looks reasonable.[/THINK]<judgement>unreasonable</judgement>\nNo noir at all.",
    expected: unreasonable("No noir at all."),
  },
  {
    what: "JSON cut off in the reflection",
    answer: '{"judgement": "unreasonable", "reflection": "No no',
    expected: null,
  },
];

export const verdicts: readonly Case<Verdict>[] = [
  { what: "the tag", answer: "<verdict>like</verdict>", expected: "like" },
  { what: "the tag, disliked", answer: "< Verdict >Dislike</ verdict>", expected: "dislike" },
  { what: "quoted", answer: "<verdict>'like'</verdict>", expected: "like" },
  { what: "a sentence", answer: "<verdict>The viewer will like it.</verdict>", expected: "like" },
  { what: "will not like", answer: "<verdict>will not like</verdict>", expected: "dislike" },
  { what: "won't", answer: "Verdict: they won’t like it", expected: "dislike" },
  {
    what: "an adverb between",
    answer: "Verdict: They would not really enjoy it.",
    expected: "dislike",
  },
  { what: "unlikely", answer: "Verdict: unlikely to enjoy it", expected: "dislike" },
  { what: "likely", answer: "Final verdict: likely to like this film", expected: "like" },
  { what: "yes", answer: "<verdict>Yes</verdict>", expected: "like" },
  { what: "no", answer: "<verdict>No.</verdict>", expected: "dislike" },
  { what: "echoed", answer: "<verdict>like or dislike</verdict>", expected: null },
  { what: "neither", answer: "<verdict>uncertain</verdict>", expected: null },
  { what: "JSON", answer: '{"verdict":"dislike"}', expected: "dislike" },
  { what: "a comparison", answer: "It looks like a dislike.", expected: "dislike" },
  {
    what: "two verdicts",
    answer: "<verdict>like</verdict><verdict>dislike</verdict>",
    expected: null,
  },
  { what: "nothing", answer: "", expected: null },
];

export const knowledges: readonly Case<string>[] = [
  { what: "plain text", answer: " Enjoys slow dramas. ", expected: "Enjoys slow dramas." },
  { what: "a fence", answer: "```\nEnjoys slow dramas.\n```", expected: "Enjoys slow dramas." },
  {
    what: "a fence with a language",
    answer: "```text\nEnjoys dramas.\n\nShuns horror.\n```",
    expected: "Enjoys dramas.\n\nShuns horror.",
  },
  {
    what: "an announcement",
    answer: "Here is the description:\n\nEnjoys slow dramas.",
    expected: "Enjoys slow dramas.",
  },
  {
    what: "a chatty announcement",
    answer: "Sure! Here's a description of this viewer's taste:\nEnjoys slow dramas.",
    expected: "Enjoys slow dramas.",
  },
  {
    what: "a first line that only looks like an announcement",
    answer: "Here is a viewer who enjoys slow dramas. Comedies bore them.",
    expected: "Here is a viewer who enjoys slow dramas. Comedies bore them.",
  },
  {
    what: "an announcement and nothing after it",
    answer: "Here is the description:",
    expected: "Here is the description:",
  },
  { what: "a heading", answer: "## Taste\n\nEnjoys dramas.", expected: "Enjoys dramas." },
  { what: "a bold label", answer: "**Description:** Enjoys dramas.", expected: "Enjoys dramas." },
  {
    what: "a line in the middle that reads like a label",
    answer: "First, genre matters.\nPreferences: dramas.",
    expected: "First, genre matters.\nPreferences: dramas.",
  },
  {
    what: "our tag",
    answer: "<Knowledge>Enjoys dramas.</knowledge>",
    expected: "Enjoys dramas.",
  },
  { what: "another tag", answer: "<answer>Enjoys dramas.</answer>", expected: "Enjoys dramas." },
  { what: "quotes", answer: '"Enjoys dramas."', expected: "Enjoys dramas." },
  {
    what: "quotes that are the text's own",
    answer: '"Alien" is not for them, nor is "Aliens"',
    expected: '"Alien" is not for them, nor is "Aliens"',
  },
  { what: "JSON", answer: '{"knowledge": "Enjoys dramas."}', expected: "Enjoys dramas." },
  { what: "JSON cut off", answer: '{"knowledge": "Enjoys dra', expected: null },
  { what: "JSON without a text", answer: '{"genre": ["Drama"]}', expected: null },
  {
    what: "thinking",
    answer: "<think>\nHm, dramas?\n</think>\n\nEnjoys dramas.",
    expected: "Enjoys dramas.",
  },
  { what: "thinking alone", answer: "<think>Hm, dramas?</think>", expected: null },
  { what: "punctuation", answer: "...", expected: null },
  { what: "an empty fence", answer: "```\n```", expected: null },
  {
    what: "a list of texts",
    answer: '["Enjoys noir.", "Shuns farces."]',
    expected: "Enjoys noir. Shuns farces.",
  },
  {
    what: "JSON in JSON",
    answer: '{"answer": {"description": "Enjoys noir."}}',
    expected: "Enjoys noir.",
  },
  { what: "a word for nothing", answer: "None.", expected: null },
  {
    what: "control characters and terminal escapes",
    answer: "Enjoys\u0000 \u001b[1mnoir\u001b[0m \ud83dand farces.",
    expected: "Enjoys noir and farces.",
  },
];

const liked = (text: string): Construction => ({ text, verdict: "like" });
const disliked = (text: string): Construction => ({ text, verdict: "dislike" });

export const constructions: readonly Case<Construction>[] = [
  {
    what: "the form asked for",
    answer: "<knowledge>Enjoys dramas.</knowledge>\n<verdict>like</verdict>",
    expected: liked("Enjoys dramas."),
  },
  {
    what: "a text that speaks of liking, denied by the verdict",
    answer:
      "<knowledge>They like dramas and would enjoy more.</knowledge><verdict>will not like</verdict>",
    expected: disliked("They like dramas and would enjoy more."),
  },
  {
    what: "an unclosed text",
    answer: "<knowledge>Enjoys dramas.\n<verdict>like</verdict>",
    expected: liked("Enjoys dramas."),
  },
  {
    what: "an unclosed verdict",
    answer: "<knowledge>Enjoys dramas.</knowledge><verdict>dislike",
    expected: disliked("Enjoys dramas."),
  },
  {
    what: "the text without a tag",
    answer: "Enjoys dramas.\n\n<verdict>like</verdict>",
    expected: liked("Enjoys dramas."),
  },
  {
    what: "a labelled verdict after plain text",
    answer: "Enjoys dramas.\n\n**Verdict:** dislike",
    expected: disliked("Enjoys dramas."),
  },
  {
    what: "labelled lines",
    answer: "Knowledge: Enjoys dramas.\nShuns war films.\nVerdict - like",
    expected: liked("Enjoys dramas.\nShuns war films."),
  },
  {
    what: "JSON",
    answer: '```json\n{"knowledge": "Enjoys dramas.", "verdict": "dislike"}\n```',
    expected: disliked("Enjoys dramas."),
  },
  {
    what: "another name for the text",
    answer: "<preference>Enjoys dramas.</preference><verdict>like</verdict>",
    expected: liked("Enjoys dramas."),
  },
  {
    what: "a markup of the text's own",
    answer: "<knowledge>Enjoys <i>film noir</i>.</knowledge><verdict>like</verdict>",
    expected: liked("Enjoys <i>film noir</i>."),
  },
  { what: "no verdict", answer: "<knowledge>Enjoys dramas.</knowledge>", expected: null },
  { what: "no text", answer: "<verdict>like</verdict>", expected: null },
  {
    what: "an empty text",
    answer: "<knowledge> </knowledge><verdict>like</verdict>",
    expected: null,
  },
  {
    what: "an undecided verdict",
    answer: "<knowledge>Enjoys dramas.</knowledge><verdict>maybe</verdict>",
    expected: null,
  },
  {
    what: "prose with no form",
    answer: "They enjoy dramas and will like the target.",
    expected: null,
  },
];
