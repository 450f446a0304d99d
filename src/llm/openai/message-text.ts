import { z } from "zod";

/** The answer in the message of a choice. */
export interface MessageText {
  readonly text: string;
  /** What the model refused with; empty if it did not. */
  readonly refusal: string;
  /** Whether there is thinking beside the text. */
  readonly hasThinking: boolean;
}

const loose = z.string().nullable().catch(null);
const part = z.looseObject({ type: loose, text: loose, content: loose, refusal: loose });
type Part = z.output<typeof part>;
const content = z.union([z.string(), z.array(z.union([z.string(), part])), part]).nullish();
const toolCalls = z
  .array(z.object({ function: z.object({ arguments: z.string() }) }))
  .catch([])
  .default([]);

/** A message with an answer of a known shape. */
export const message = z
  .looseObject({
    content,
    refusal: loose,
    tool_calls: toolCalls,
    reasoning_content: loose,
    reasoning: loose,
    thinking: loose,
  })
  .transform(messageText);

/** Types of parts that are no part of the answer. */
const beside = /reason|think|thought|analysis|commentary|tool|refus|image|audio/i;

function messageText(from: {
  readonly content?: z.output<typeof content>;
  readonly refusal: string | null;
  readonly tool_calls: z.output<typeof toolCalls>;
  readonly reasoning_content: string | null;
  readonly reasoning: string | null;
  readonly thinking: string | null;
}): MessageText {
  const parts = [from.content ?? ""].flat();
  const said = parts.map((one) => (typeof one === "string" ? one : textOf(one))).join("");
  const [call] = from.tool_calls;
  const refusals = parts.map((one) => (typeof one === "string" ? "" : (one.refusal ?? "")));
  return {
    // A model that was trained to call tools may answer by a call that nobody asked for.
    text: said.trim() === "" ? (call?.function.arguments ?? said) : said,
    refusal: from.refusal ?? refusals.join(""),
    hasThinking:
      [from.reasoning_content, from.reasoning, from.thinking].some((text) => text?.trim()) ||
      parts.some((one) => typeof one !== "string" && isBeside(one)),
  };
}

function textOf(one: Part): string {
  return isBeside(one) ? "" : (one.text ?? one.content ?? "");
}

function isBeside({ type }: Part): boolean {
  return type !== null && beside.test(type);
}
