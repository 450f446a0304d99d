import type { ChatClient, ChatMessage } from "../../llm/chat.ts";
import type { TokenCounter } from "../../llm/count-tokens.ts";
import type { StageNotes } from "../../flow/stage-notes.ts";

/** A server that reads less than this share of a prompt's own tokens has cut it off; chat templates only add to them. */
const readShare = 0.8;

/**
 * A client that compares what the server says it read with the tokens of the prompt. Only prompts longer than all before are counted:
 * they are the ones that a server with too short a context cuts.
 *
 * @param counter - By the model's own tokenizer
 * @param say - Told once when the server cuts prompts off
 */
export function watchPromptCuts(
  client: ChatClient,
  counter: TokenCounter,
  say: StageNotes["say"],
): ChatClient {
  let longest = 0;
  let isTold = false;
  return {
    ...client,
    ask: async (question, signal) => {
      const call = await client.ask(question, signal);
      const { promptTokens, cachedTokens } = call.usage;
      const length = lengthOf(question.messages);
      if (isTold || call.isCached || promptTokens === null || length <= longest) return call;
      longest = length;
      const own = question.messages.reduce((sum, { content }) => sum + counter.count(content), 0);
      // Some servers count cached tokens apart.
      if (promptTokens + (cachedTokens ?? 0) >= readShare * own) return call;
      isTold = true;
      say(
        `cuts of ${client.model}`,
        `the server read ${promptTokens} tokens of a prompt to ${client.model} that has ${own}: it cuts prompts off, and what it does not ` +
          "read is in no text. Serve the model with a longer context (such as num_ctx or --ctx-size), or lower contexts.history; " +
          "if nothing is cut, the role's tokenizer is another model's.",
      );
      return call;
    },
  };
}

function lengthOf(messages: readonly ChatMessage[]): number {
  return messages.reduce((sum, { content }) => sum + content.length, 0);
}
