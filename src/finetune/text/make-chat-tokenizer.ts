import { FlowError, reasonOf } from "../../base/errors.ts";
import { huggingFaceTokenizer } from "../../llm/hugging-face-tokenizer.ts";
import { chatTemplate, type ChatTemplate, type TemplateSource } from "./chat-template.ts";
import type { ChatMessage, ChatTokenizer, EncodedChat } from "./chat-tokenizer.ts";
import { exactPreTokenizer } from "./exact-pre-tokenizer.ts";
import { specialText } from "./special-text.ts";
import { vocabularyOf, withoutSpecialTokens, type TokenizerContent } from "./tokenizer-content.ts";

/** What a chat tokenizer is made of. */
export interface ChatTokenizerParts {
  /** The file that the tokenizer is from, for errors. */
  readonly whose: string;
  readonly content: TokenizerContent;
  readonly template: TemplateSource;
  readonly paddingId: number;
}

/** Splits text that has no special tokens. */
type Tokenize = (text: string) => readonly number[];

/**
 * Makes a chat tokenizer. Special tokens are only what the template writes: the same letters in a message are ordinary text. They are
 * hidden from the template, the rendered text is cut at the special tokens, and a tokenizer without any splits what is between them.
 *
 * @throws FlowError `INPUT_INVALID` for a tokenizer that cannot be read, or a template that does not render a plain conversation
 */
export function makeChatTokenizer(parts: ChatTokenizerParts): ChatTokenizer {
  const tokenize = plainTokenizer(parts);
  const template = chatTemplate(parts.template);
  const { added_tokens } = parts.content;
  const specials = specialText(added_tokens.filter(({ special }) => special));
  const { whose } = parts.template;
  const encode = (messages: readonly ChatMessage[]): EncodedChat => {
    requireOneAnswer(messages);
    const { hidden, reveal } = specials.hide(messages.map(({ content }) => content));
    const { prompt, answer } = renderParts(
      template,
      messages.map((message, index) => ({ ...message, content: hidden[index] ?? "" })),
      whose,
    );
    const idsOf = (text: string): readonly (readonly number[])[] =>
      specials
        .cut(text)
        .map((section) =>
          "special" in section ? [section.special.id] : tokenize(reveal(section.text)),
        );
    const answerSections = specials.cut(answer);
    const end = answerSections.findLastIndex((section) => "special" in section);
    const rest = answerSections.slice(end + 1);
    if (end === -1 || rest.some((section) => "text" in section && section.text.trim() !== "")) {
      throw new FlowError(
        "INPUT_INVALID",
        `${whose}: the chat template does not end an answer with a special token, so that a model could not learn to stop`,
      );
    }
    return {
      prompt: idsOf(prompt).flat(),
      answer: idsOf(answer)
        .slice(0, end + 1)
        .flat(),
    };
  };
  encode([
    { role: "user", content: "a" },
    { role: "assistant", content: "b" },
  ]);
  return { encode, vocabulary: vocabularyOf(parts.content), paddingId: parts.paddingId };
}

function plainTokenizer({ content, whose }: ChatTokenizerParts): Tokenize {
  if (JSON.stringify([content.pre_tokenizer]).includes('"prepend_scheme":"first"')) {
    throw new FlowError(
      "INPUT_INVALID",
      `${whose}: the tokenizer marks the first word of a text only (prepend_scheme first), which is not supported: take another model`,
    );
  }
  try {
    const tokenizer = huggingFaceTokenizer({
      ...withoutSpecialTokens(content),
      pre_tokenizer: exactPreTokenizer(content.pre_tokenizer),
    });
    return (text) => tokenizer.encode(text, { add_special_tokens: false }).ids;
  } catch (cause) {
    throw new FlowError(
      "INPUT_INVALID",
      `${whose}: the tokenizer cannot be read: ${reasonOf(cause)}`,
      { cause },
    );
  }
}

function requireOneAnswer(messages: readonly ChatMessage[]): void {
  const answers = messages.filter(({ role }) => role === "assistant").length;
  if (answers === 1 && messages.at(-1)?.role === "assistant") return;
  const roles = messages.map(({ role }) => role).join(", ") || "no messages";
  throw new FlowError(
    "INPUT_INVALID",
    `a conversation must end with its only message of an assistant, the answer to learn: ${roles}`,
  );
}

function renderParts(
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  whose: string,
): { readonly prompt: string; readonly answer: string } {
  const prompt = template.render(messages.slice(0, -1), true);
  const whole = template.render(messages, false);
  if (whole.startsWith(prompt)) return { prompt, answer: whole.slice(prompt.length) };
  throw new FlowError(
    "INPUT_INVALID",
    `${whose}: the chat template writes a prompt that does not begin the whole conversation: ` +
      `${shown(prompt)} and ${shown(whole)}. Take a model whose template does, or correct the template`,
  );
}

const shownLetters = 60;

/** The end of a text, around where templates write their prompts. */
function shown(text: string): string {
  return JSON.stringify(text.length > shownLetters ? `…${text.slice(-shownLetters)}` : text);
}
