import { FlowError } from "../base/errors.ts";
import type { Llm } from "../llm/llm.ts";
import { chatProvider, type ActorStyle } from "./chat/chat-provider.ts";
import type { ItemContext, UserContext } from "./contexts.ts";
import type { Nouns } from "./nouns.ts";
import { profiler } from "./profiler/profiler.ts";
import type { Actor, Reflector } from "./roles.ts";
import type { RoleSettings } from "./settings.ts";

/** Someone who can play both roles for users and items. */
export interface Provider {
  /** How many questions it wants to have open at a time. */
  readonly inFlight: number;
  readonly actors: { readonly user: Actor<UserContext>; readonly item: Actor<ItemContext> };
  readonly reflectors: {
    readonly user: Reflector<UserContext>;
    readonly item: Reflector<ItemContext>;
  };
}

/** What a provider may draw on. */
export interface ProviderSite {
  /** The run's models; opened by the first role that is played by one. */
  readonly llm: () => Promise<Pick<Llm, "client">>;
  readonly style: ActorStyle;
}

/**
 * Opens the provider that a role's settings name. Its models stay open: they are the run's.
 *
 * The built-in profiler writes no chain of thought: as an actor in style "kar" it answers with a FlowError `CONFIG_INVALID`;
 * as the reflector beside another actor it does no harm.
 */
export async function openProvider(
  settings: RoleSettings,
  nouns: Nouns,
  { llm, style }: ProviderSite,
): Promise<Provider> {
  if (settings.provider === "profiler") {
    const plain = profiler(nouns);
    if (style === "reason") return plain;
    const { user, item } = plain.actors;
    return { ...plain, actors: { user: unfit(user), item: unfit(item) } };
  }
  const { structured, askAgain } = settings;
  const client = await (await llm()).client(settings);
  return chatProvider({ client, nouns, style, structured, askAgain });
}

function unfit<C>({ origin }: Actor<C>): Actor<C> {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new FlowError(
        "CONFIG_INVALID",
        "Strategy kar asks for one chain of thought, and the built-in profiler is no language model. " +
          "Name a chat model as knowledge.actor (provider openai, gguf, batch-jsonl or openai-batch), or choose another strategy.",
      ),
    );
  return { origin, reason: refuse, refine: refuse };
}
