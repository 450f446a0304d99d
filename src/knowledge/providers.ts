/** @file Who can play a role: the providers that call no model, and every chat provider. */
import { z } from "zod";
import { nonEmpty } from "../base/non-empty.ts";
import type { Llm } from "../llm/llm.ts";
import { chatSettings, type ChatSettings } from "../llm/providers.ts";
import type { DomainNouns } from "./domain-nouns.ts";
import { profilerProvider } from "./profiler/profiler-provider.ts";
import type { RoleProvider } from "./role-provider.ts";
import type { ActorStyle, Provider } from "./roles.ts";
import type { StageNotes } from "../flow/stage-notes.ts";

/** The providers that call no model, by the names they have in the settings. */
const modelFree = {
  profiler: profilerProvider,
} as const;

type Name = keyof typeof modelFree;
type SettingsByName = { readonly [N in Name]: z.output<(typeof modelFree)[N]["settings"]> };
type SettingsOf<N extends Name> = { readonly [K in N]: SettingsByName[K] & { provider: K } }[N];

const byName: { readonly [N in Name]: RoleProvider<SettingsOf<N>> } = modelFree;

/** Who plays a role: the settings of one provider, told apart by `provider`. */
export const roleSettings = z.discriminatedUnion(
  "provider",
  nonEmpty([...Object.values(modelFree).map(({ settings }) => settings), ...chatSettings]),
);

/** {@link roleSettings} as checked. */
export type RoleSettings = SettingsByName[Name] | ChatSettings;

/** What providers may use. */
export interface ProviderSite {
  /** Opens the run's models, when the first role needs one. */
  readonly llm: () => Promise<Pick<Llm, "client">>;
  readonly style: ActorStyle;
  /** Tells the user something about a model. Default: nobody is told. */
  readonly say?: StageNotes["say"];
}

/** Whether a role is played by a chat model. */
export function asksModel(settings: RoleSettings): settings is ChatSettings {
  return !(settings.provider in modelFree);
}

/** Opens the provider that a role's settings name. Its models stay open: the run owns them. */
export async function openProvider(
  settings: RoleSettings,
  nouns: DomainNouns,
  { llm, style, say = () => undefined }: ProviderSite,
): Promise<Provider> {
  if (!asksModel(settings)) return openModelFree(settings, nouns, style);
  const { structured, askAgain } = settings;
  const { openChatRole } = await import("./chat/open-chat-role.ts");
  const role = await openChatRole(await llm(), settings, say);
  const { chatProvider } = await import("./chat/chat-provider.ts");
  return chatProvider({ ...role, nouns, style, structured, askAgain });
}

function openModelFree<N extends Name>(
  settings: SettingsOf<N>,
  nouns: DomainNouns,
  style: ActorStyle,
): Promise<Provider> {
  return byName[settings.provider].open(settings, nouns, style);
}
