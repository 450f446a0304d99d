/** @file What models write beside their answer: thinking, in all marks in use, and the marks of turns and channels. */

const names =
  "think|thinking|thoughts?|thought[_-]process|reasoning|reasoning_content|analysis|scratchpad|chain[_-]of[_-]thought|inner[_-]monologue";

/** A pair of marks around thinking. Either may be missing: the template may have opened it, or the answer may end inside. */
interface Marks {
  readonly open: RegExp;
  readonly close: RegExp;
}

const marks: readonly Marks[] = [
  // <think>, <seed:think>, <mm:think>, <thought>, <reasoning>, <think duration="3">
  {
    open: new RegExp(`<\\s*(?:[a-z]+:)?(?:${names})(?:\\s[^<>]*)?>`, "giu"),
    close: new RegExp(`<\\s*/\\s*(?:[a-z]+:)?(?:${names})\\s*>`, "giu"),
  },
  { open: /<details\s[^<>]*\breasoning\b[^<>]*>/giu, close: /<\s*\/\s*details\s*>/giu },
  // [THINK], ◁think▷
  { open: /\[\s*THINK(?:ING)?\s*\]/giu, close: /\[\s*\/\s*THINK(?:ING)?\s*\]/giu },
  { open: /◁\s*think\s*▷/giu, close: /◁\s*\/\s*think\s*▷/giu },
  {
    open: /<\|\s*(?:begin_of_thought|START_THINKING|thinking_start|think_start)\s*\|>/giu,
    close: /<\|\s*(?:end_of_thought|END_THINKING|thinking_end|think_end)\s*\|>/giu,
  },
  // Gemma and MedGemma
  { open: /<\|channel>\s*(?:thought|analysis)?/giu, close: /<channel\|>/giu },
  { open: /<unused94>(?:\s*thought\b)?/giu, close: /<unused95>/giu },
];

/** Channels that are no answer; the marks of the harmony format may be there, in part, or have been taken off. */
const finalChannel =
  /(?:<\|start\|>\s*)?(?:assistant\s*)?<\|channel\|>\s*final\b(?:[^<]{0,40}(?:<\|constrain\|>[^<]{0,40})?<\|message\|>)?/giu;
const otherChannel = /<\|channel\|>\s*(?:analysis|commentary)\b/iu;
const bareChannel = /^\s*(?:analysis|commentary)(?=[A-Z"'“]|\s*\n)/u;
const bareFinal = /assistant\s*final(?=[^a-z]|$)/gu;

/** Granite: thinking and answer under fixed sentences. */
const spoken = /^\s*here(?:['’]s| is) my thought process:/iu;
const spokenAnswer = /here(?:['’]s| is) my (?:response|answer):/giu;
/** Thinking and answer under headings of their own. */
const headed =
  /^\s*(?:\*\*|#{1,6}\s*)?(?:thinking|thought process|thoughts|reasoning|chain of thought)(?:\*\*)?\s*(?::(?:\*\*)?|\n)/iu;
const headedAnswer =
  /^[ \t]*(?:\*\*|#{1,6}[ \t]*)?(?:final )?(?:answer|response|output)(?:\*\*)?[ \t]*(?::(?:\*\*)?|$)/gimu;
const fence = /```(?:think|thinking|thoughts?|reasoning|analysis)\b[^\n]*\n[\s\S]*?(?:```|$)/giu;

/** Marks that end a turn: what follows is another turn, which nobody asked for. */
const endOfTurn =
  /<\|(?:im_end|eot_id|eom_id|end|return|call|endoftext|end_of_text|end_of_turn|END_RESPONSE|END_OF_TURN_TOKEN|end_of_solution)\|>|<[|｜]end▁of▁sentence[|｜]>|<end_of_turn>|<\/s>|<eos>/iu;
const startOfTurn =
  /^\s*(?:<s>|<bos>|<\|(?:im_start|start_header_id|begin_of_text|start|begin_of_solution|START_RESPONSE|START_OF_TURN_TOKEN|CHATBOT_TOKEN|assistant)\|>|<[|｜]begin▁of▁sentence[|｜]>|<start_of_turn>)\s*(?:(?:assistant|model)\b\s*)?(?:<\|end_header_id\|>)?/iu;
const instruction = /^[\s\S]*\[\/INST\]/u;
const leftOver =
  /<\|(?:message|channel|end_header_id|im_start|start|begin_of_solution|START_RESPONSE)\|>/giu;

/** An answer without thinking and marks; empty when it holds nothing else, or ends inside its thinking. */
export function withoutThinking(raw: string): string {
  let text = answerChannel(raw).replace(fence, "");
  for (const pair of marks) text = withoutPair(text, pair);
  text = afterHeading(text, spoken, spokenAnswer, true);
  text = afterHeading(text, headed, headedAnswer, false);
  return ownTurn(text);
}

/** The final channel alone. */
function answerChannel(text: string): string {
  const final = [...text.matchAll(finalChannel)].at(-1);
  if (final !== undefined) return text.slice(final.index + final[0].length);
  if (otherChannel.test(text)) return "";
  if (!bareChannel.test(text)) return text;
  const bare = [...text.matchAll(bareFinal)].at(-1);
  return bare === undefined ? "" : text.slice(bare.index + bare[0].length);
}

/** Takes off all pairs, up to the last close that was never opened, and from an opening that was never closed. */
function withoutPair(text: string, { open, close }: Marks): string {
  const found = [
    ...[...text.matchAll(open)].map((match) => ({ match, depth: 1 })),
    ...[...text.matchAll(close)].map((match) => ({ match, depth: -1 })),
  ].sort((one, other) => one.match.index - other.match.index);
  let kept = "";
  let from = 0;
  let isInside = false;
  for (const { match, depth } of found) {
    const end = match.index + match[0].length;
    if (depth === 1 && !isInside) kept += text.slice(from, match.index);
    if (depth === -1 && !isInside) kept = "";
    isInside = depth === 1;
    from = end;
  }
  return isInside ? kept : kept + text.slice(from);
}

/** What follows the last heading of an answer, where the text begins with one of thinking. */
function afterHeading(text: string, begin: RegExp, answer: RegExp, isAlways: boolean): string {
  if (!begin.test(text)) return text;
  const last = [...text.matchAll(answer)].at(-1);
  if (last === undefined) return isAlways ? "" : text;
  return text.slice(last.index + last[0].length);
}

/** The model's own turn, up to the mark that ends it. */
function ownTurn(text: string): string {
  let rest = text.replace(instruction, "");
  for (let start = startOfTurn.exec(rest); start; start = startOfTurn.exec(rest)) {
    rest = rest.slice(start[0].length);
  }
  const end = endOfTurn.exec(rest);
  const own =
    end === null || rest.slice(0, end.index).trim() === "" ? rest : rest.slice(0, end.index);
  return own.replace(new RegExp(endOfTurn, "giu"), "").replace(leftOver, "").trim();
}
