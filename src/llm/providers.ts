/** @file The chat providers, by the names they have in the settings. */
import type { z } from "zod";
import { nonEmpty } from "../base/non-empty.ts";
import { batchJsonlProvider } from "./batch/batch-jsonl-provider.ts";
import { openaiBatchProvider } from "./batch/openai-batch-provider.ts";
import type { ChatClient } from "./chat.ts";
import type { ChatProvider, ChatRun } from "./chat-provider.ts";
import { ggufProvider } from "./gguf/gguf-provider.ts";
import { openaiProvider } from "./openai/openai-provider.ts";

/** Every chat provider. */
export const chatProviders = {
  openai: openaiProvider,
  gguf: ggufProvider,
  "batch-jsonl": batchJsonlProvider,
  "openai-batch": openaiBatchProvider,
} as const;

type Name = keyof typeof chatProviders;
type SettingsByName = {
  readonly [N in Name]: z.output<(typeof chatProviders)[N]["settings"]>;
};
type SettingsOf<N extends Name> = { readonly [K in N]: SettingsByName[K] & { provider: K } }[N];

/** The settings of a role that a chat model plays. */
export type ChatSettings = SettingsByName[Name];

/** The schemas of {@link ChatSettings}, one per provider. */
export const chatSettings = nonEmpty(Object.values(chatProviders).map(({ settings }) => settings));

const byName: { readonly [N in Name]: ChatProvider<SettingsOf<N>> } = chatProviders;

/** Opens a client by the provider that the settings name. */
export function openChatClient<N extends Name>(
  settings: SettingsOf<N>,
  run: ChatRun,
): Promise<ChatClient> {
  return byName[settings.provider].open(settings, run);
}

/** Whether the answers come by batch. */
export function answersByBatch({ provider }: Pick<ChatSettings, "provider">): boolean {
  return chatProviders[provider].isBatch;
}

/** Whether the model runs on this machine, where its tokens cost nothing. */
export function isLocalModel({ provider }: Pick<ChatSettings, "provider">): boolean {
  return chatProviders[provider].isLocal;
}
