import type { LlamaChat, LlamaModel, NodeLlamaCpp } from "./node-llama-cpp.ts";

/**
 * Lets a chat's prompts begin as the model's own template does. The library's template puts the token of a text's beginning in front of
 * every prompt; models whose tokenizer and template ask for none (SmolLM2, Qwen) have never seen it there, neither in the training of
 * their adapters nor at llama.cpp's server.
 */
export function beginAsTemplate(
  chat: LlamaChat,
  model: LlamaModel,
  { LlamaText, SpecialToken }: Pick<NodeLlamaCpp, "LlamaText" | "SpecialToken">,
): void {
  const template = model.fileInfo.metadata.tokenizer?.chat_template ?? null;
  if (model.tokens.shouldPrependBosToken || template === null || template.includes("bos_token")) {
    return;
  }
  const wrapper = chat.chatWrapper;
  const generate = wrapper.generateContextState.bind(wrapper);
  wrapper.generateContextState = (options) => {
    const state = generate(options);
    const [first, ...rest] = state.contextText.values;
    const isStart = first instanceof SpecialToken && first.value === "BOS";
    return isStart ? { ...state, contextText: LlamaText(rest) } : state;
  };
}
