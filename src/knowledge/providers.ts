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
  readonly close: () => Promise<void>;
}

/** Every provider by the name it has in the settings. */
const providers = {
  profiler: (_settings, nouns) => Promise.resolve(profiler(nouns)),
} as const satisfies Record<
  RoleSettings["provider"],
  (settings: RoleSettings, nouns: Nouns) => Promise<Provider>
>;

/** Opens the provider that a role's settings name. The caller closes it. */
export function openProvider(settings: RoleSettings, nouns: Nouns): Promise<Provider> {
  return providers[settings.provider](settings, nouns);
}
