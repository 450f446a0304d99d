import { Template } from "@huggingface/jinja";
import { FlowError, reasonOf } from "../../base/errors.ts";
import type { ChatMessage } from "./chat-tokenizer.ts";

/** Renders conversations as a model was trained to read them. */
export interface ChatTemplate {
  /**
   * @param asksForAnswer - Whether the text ends with where the model is to answer
   * @throws FlowError `INPUT_INVALID` naming the template where it refuses the messages
   */
  readonly render: (messages: readonly ChatMessage[], asksForAnswer: boolean) => string;
  readonly source: string;
}

export interface TemplateSource {
  /** Jinja. */
  readonly source: string;
  /** Where it is from, for errors. */
  readonly whose: string;
  /** Special tokens by the names that templates use, such as `bos_token`. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Compiles a chat template. Models that can think are told not to, so that an answer follows its prompt without a gap; templates that
 * would write today's date write their own fixed one, so that equal conversations give equal tokens on every day.
 *
 * @throws FlowError `INPUT_INVALID` for one that is no template
 */
export function chatTemplate({ source, whose, variables }: TemplateSource): ChatTemplate {
  const template = compile(source, whose);
  return {
    source,
    render: (messages, asksForAnswer) => {
      try {
        return template.render({
          ...variables,
          messages,
          add_generation_prompt: asksForAnswer,
          enable_thinking: false,
        });
      } catch (cause) {
        const roles = messages.map(({ role }) => role).join(", ");
        throw new FlowError(
          "INPUT_INVALID",
          `${whose}: the chat template cannot render a conversation of ${roles}: ${reasonOf(cause)}`,
          { cause },
        );
      }
    },
  };
}

/** Takes the clock away; the library does not let a caller replace it. */
const withoutClock = "{%- set strftime_now = undefined -%}";

function compile(source: string, whose: string): Template {
  try {
    return new Template(withoutClock + source);
  } catch (cause) {
    throw new FlowError(
      "INPUT_INVALID",
      `${whose}: the chat template cannot be read: ${reasonOf(cause)}`,
      { cause },
    );
  }
}
