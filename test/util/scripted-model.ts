/**
 * @file A "model" for tests: it recognises our prompts by their shape, reads their data, and answers as a decent model would,
 * now and then in haste, unreadably, or in a form of its own. The same body always gets the same answer.
 */

import { z } from "zod";

const item = z.object({
  title: z.string(),
  year: z.number().optional(),
  attributes: z.record(z.string(), z.array(z.string())),
});
const rated = z.strictObject({
  ...item.shape,
  rating: z.number(),
  verdict: z.enum(["like", "dislike"]),
});
/** An entry of a log without ratings: "was bought": "yes". */
const chosen = z.looseObject(item.shape).transform((entry, context) => {
  const { title, year, attributes, ...rest } = entry;
  const [outcome, ...more] = Object.entries(rest);
  const isYes = outcome?.[1] === "yes";
  if (
    outcome?.[0].startsWith("was ") !== true ||
    more.length > 0 ||
    !(isYes || outcome[1] === "no")
  ) {
    context.addIssue({ code: "custom", message: "neither a rating nor a choice" });
  }
  const verdict = isYes ? ("like" as const) : ("dislike" as const);
  return { title, attributes, verdict, ...(year !== undefined && { year }) };
});
const history = z.array(z.union([rated, chosen]));
const userData = z.strictObject({
  attributes: item.shape.attributes.optional(),
  until: z.iso.date().optional(),
  history,
  target: item.optional(),
});
const side = history.nullable().optional();
const itemData = z
  .strictObject({
    ...{ item, liker: side, disliker: side, taker: side, passer: side },
    target: history.optional(),
  })
  .transform(({ taker = null, passer = null, liker = taker, disliker = passer, ...rest }) => ({
    ...rest,
    liker,
    disliker,
  }));
/** The text to judge or to refine. */
const writtenData = z.strictObject({ description: z.string(), reflection: z.string().optional() });

type Item = z.infer<typeof item>;
type History = z.infer<typeof history>;

/** As much of a request's body as the model looks at. */
export interface ScriptedBody {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly seed?: number | undefined;
}

/** What one of our prompts asks. */
export type ScriptedQuestion = {
  readonly task: "reason" | "reflect" | "refine" | "kar";
  /** Asked by a teacher: there is a target, and reasoning and refining end in a verdict. */
  readonly isConstruction: boolean;
  readonly form: "tags" | "schema";
  /** Asked again because an answer could not be read. */
  readonly isAgain: boolean;
  /** The text to judge or to refine; "" when the task is to write the first. */
  readonly text: string;
  /** What a refinement should answer; "" for other tasks. */
  readonly reflection: string;
} & (
  | { readonly subject: "user"; readonly data: z.infer<typeof userData> }
  | { readonly subject: "item"; readonly data: z.infer<typeof itemData> }
);

/**
 * Reads one of our prompts back.
 *
 * @throws Error for messages that are none of ours
 */
export function readQuestion({ messages }: ScriptedBody): ScriptedQuestion {
  const [system, asked, ...more] = messages;
  const roles = messages.map(({ role }) => role).join(" ");
  if (system === undefined || asked === undefined || roles !== "system user") {
    throw new Error(`the scripted model does not know a conversation of: ${roles}`);
  }
  const [evidence, text, ...further] = dataIn(asked.content);
  if (evidence === undefined || further.length + more.length > 0) {
    throw new Error("the scripted model found no data in the question, or too many");
  }
  const instructions = asked.content.replaceAll(dataBlock, "");
  const written = text === undefined ? null : writtenData.parse(text);
  const alone = /\bstep by step\b/u.test(instructions) ? "kar" : "reason";
  const common = {
    task: written === null ? alone : written.reflection === undefined ? "reflect" : "refine",
    isConstruction: "target" in evidence,
    form: /<(?:verdict|judgement)>/u.test(instructions) ? "tags" : "schema",
    isAgain: instructions.includes("could not be read"),
    text: written?.description ?? "",
    reflection: written?.reflection ?? "",
  } as const;
  return "item" in evidence
    ? { ...common, subject: "item", data: itemData.parse(evidence) }
    : { ...common, subject: "user", data: userData.parse(evidence) };
}

const dataBlock = /<data>\n(\{[^<>]*\})\n<\/data>/gu;

function dataIn(content: string): readonly object[] {
  return [...content.matchAll(dataBlock)].map(([, block = ""]) =>
    z.looseObject({}).parse(JSON.parse(block)),
  );
}

/** The model's answer. Depends on the messages and the seed alone. */
export function scriptedAnswer(body: ScriptedBody): string {
  const question = readQuestion(body);
  const dice = diceOf(`${JSON.stringify(body.messages)} ${body.seed ?? ""}`);
  if (!question.isAgain && dice("unreadable") % 16 === 0) return unreadable(dice("which"));
  if (question.task === "reflect") return judged(question, dice);
  const isHasty = dice("hasty") % (question.task === "refine" ? 8 : 2) === 0;
  const text = question.task === "kar" ? chain(question) : written(question, isHasty, dice);
  if (!question.isConstruction) return dressed(text, dice("dress"));
  const verdict =
    isHasty && dice("wrong") % 2 === 0 ? otherThan(opinion(question)) : opinion(question);
  const isYesOrNo = body.messages.some(({ content }) => content.includes('word "yes" or "no"'));
  const word = isYesOrNo ? (verdict === "like" ? "yes" : "no") : verdict;
  return form(question, { knowledge: text, verdict: word }, dice);
}

type Dice = (purpose: string) => number;

/** Numbers drawn from a text, one for each purpose. */
function diceOf(text: string): Dice {
  const of = hashed(text, 2166136261);
  return (purpose) => {
    const mixed = Math.imul(hashed(purpose, of) ^ (of >>> 15), 2246822519);
    return (mixed ^ (mixed >>> 13)) >>> 0;
  };
}

/** FNV-1a over UTF-16 units, from a starting value. */
function hashed(text: string, from: number): number {
  let hash = from;
  for (let place = 0; place < text.length; place += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(place), 16777619);
  }
  return hash;
}

function unreadable(number: number): string {
  return ["```\n```", "<think>Where to begin", "..."][number % 3] ?? "";
}

const misses = "What they avoid";

/** A hasty text says nothing of what is disliked. */
function written(question: ScriptedQuestion, isHasty: boolean, dice: Dice): string {
  const { liked, disliked } = evidence(question);
  const tone = ["steadily", "by and large", "with exceptions"][dice("tone") % 3] ?? "";
  const about =
    question.subject === "item"
      ? `A work of ${listed(valuesOf([question.data.item]))}, which pleases those who come for`
      : "Someone who comes for";
  const leak = leaked(question, isHasty, dice);
  const first = `${about} ${listed(liked)}, ${tone}.${leak}`;
  return isHasty ? first : `${first} ${misses} is ${listed(disliked)}.`;
}

function chain(question: ScriptedQuestion): string {
  const { liked, disliked } = evidence(question);
  return `First, kind and maker matter. Second, the liked ones stand for ${listed(liked)}. ${misses} is ${listed(disliked)}. Third, more of the former would please.`;
}

/** Now and then a teacher names the target, which it was told not to. */
function leaked(question: ScriptedQuestion, isHasty: boolean, dice: Dice): string {
  if (question.subject !== "user" || question.data.target === undefined) return "";
  return isHasty || dice("leak") % 20 !== 0
    ? ""
    : ` They may well try ${question.data.target.title}.`;
}

/** Judges by what is there: a text that says nothing of dislikes is unreasonable. */
function judged(question: ScriptedQuestion, dice: Dice): string {
  if (question.text.includes(misses)) {
    return form(question, { judgement: "reasonable", reflection: "" }, dice);
  }
  const { disliked } = evidence(question);
  const reflection = `The text leaves out what is disliked: ${listed(disliked)}.`;
  return form(question, { judgement: "unreasonable", reflection }, dice);
}

/** The most frequent attribute values among the liked and the disliked, as far as they tell the two apart. */
function evidence(question: ScriptedQuestion): {
  liked: readonly string[];
  disliked: readonly string[];
} {
  const rows =
    question.subject === "user"
      ? question.data.history
      : [...(question.data.liker ?? []), ...(question.data.disliker ?? [])];
  const liked = rows.filter(({ verdict }) => verdict === "like");
  const disliked = rows.filter(({ verdict }) => verdict === "dislike");
  return {
    liked: apart(valuesOf(liked), valuesOf(disliked)),
    disliked: apart(valuesOf(disliked), valuesOf(liked)),
  };
}

/** Attribute values of items, the most frequent first. */
function valuesOf(items: readonly Item[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { attributes } of items) {
    for (const value of Object.values(attributes).flat()) {
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([value]) => value);
}

function apart(values: readonly string[], others: readonly string[]): readonly string[] {
  return values.filter((value) => !others.slice(0, 2).includes(value)).slice(0, 3);
}

function listed(values: readonly string[]): string {
  return values.length === 0 ? "nothing in particular" : values.slice(0, 3).join(", ");
}

/** Likes the target when more of the liked than of the disliked share an attribute with it. */
function opinion(question: ScriptedQuestion): "like" | "dislike" {
  const [target, rows]: readonly [Item | undefined, History] =
    question.subject === "user"
      ? [question.data.target, question.data.history]
      : [question.data.item, question.data.target ?? []];
  const values = new Set(target === undefined ? [] : valuesOf([target]));
  const balance = rows.reduce((sum, row) => {
    const shared = valuesOf([row]).filter((value) => values.has(value)).length;
    return sum + (row.verdict === "like" ? shared : -shared);
  }, 0);
  return balance >= 0 ? "like" : "dislike";
}

function otherThan(verdict: "like" | "dislike"): "like" | "dislike" {
  return verdict === "like" ? "dislike" : "like";
}

/** The parts of an answer in the form asked for, with the liberties that models take. */
function form(
  question: ScriptedQuestion,
  parts: Readonly<Record<string, string>>,
  dice: Dice,
): string {
  const liberty = dice("liberty") % 6;
  if (question.form === "schema") {
    const json = JSON.stringify(parts);
    return liberty === 0 ? `\`\`\`json\n${json}\n\`\`\`` : json;
  }
  const tags = Object.entries(parts).map(([name, value]) => {
    const tag = liberty === 0 ? name.toUpperCase() : name;
    return `<${tag}>${liberty === 1 ? `\n${value}\n` : value}</${tag}>`;
  });
  return `${liberty === 2 ? "<think>The form first.</think>\n" : ""}${tags.join("\n")}`;
}

function dressed(text: string, number: number): string {
  if (number % 8 === 0) return `Here is the description:\n\n${text}`;
  return number % 8 === 1 ? `\`\`\`\n${text}\n\`\`\`` : text;
}
