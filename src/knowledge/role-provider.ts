import type { z } from "zod";
import type { DomainNouns } from "./domain-nouns.ts";
import type { ActorStyle, Provider } from "./roles.ts";

/**
 * A provider of both roles that calls no language model. Adding one: a file like `profiler/profiler-provider.ts`, and a line in
 * `providers.ts`. Chat models have providers of their own, in `llm/providers.ts`.
 */
export interface RoleProvider<Settings extends { readonly provider: string }> {
  /** A role's settings, told apart by their literal `provider`; all of them decide the texts. */
  readonly settings: z.ZodType<Settings>;
  readonly open: (settings: Settings, nouns: DomainNouns, style: ActorStyle) => Promise<Provider>;
}
