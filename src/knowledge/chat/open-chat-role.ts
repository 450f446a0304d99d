import type { ChatClient } from "../../llm/chat.ts";
import { openTokenCounter } from "../../llm/count-tokens.ts";
import type { Llm } from "../../llm/llm.ts";
import type { ChatSettings } from "../../llm/providers.ts";
import type { StageNotes } from "../../flow/stage-notes.ts";
import { watchPromptCuts } from "./prompt-cuts.ts";
import { schemaSupport, type SchemaSupport } from "./schema-support.ts";

/** A model that plays a role, and what is known of its server. */
export interface ChatRole {
  readonly client: ChatClient;
  readonly schemas: SchemaSupport;
}

/**
 * Opens the model of a role.
 *
 * @param say - Told what the user should know about its server
 * @throws FlowError as {@link Llm.client} and {@link openTokenCounter} do
 */
export async function openChatRole(
  llm: Pick<Llm, "client">,
  settings: ChatSettings,
  say: StageNotes["say"],
): Promise<ChatRole> {
  const client = await llm.client(settings);
  const { model, tokenizer } = settings;
  return {
    client:
      tokenizer === undefined
        ? client
        : watchPromptCuts(client, await openTokenCounter(tokenizer), say),
    schemas: schemaSupport(model, say),
  };
}
