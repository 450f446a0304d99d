/** @file The ways to come to knowledge, by the names they have in the settings. Each asks the two roles and knows no provider. */

import type { KnowledgeSettings } from "./settings.ts";
import { actorAlone } from "./strategies/actor-alone.ts";
import { filter } from "./strategies/filter.ts";
import { iterate } from "./strategies/iterate.ts";
import type { Strategy } from "./strategies/strategy.ts";

export type { StepCall, Strategy, StrategyOptions, Told } from "./strategies/strategy.ts";
export type { KnowledgeRow, Step } from "./knowledge-row.ts";

/** Every strategy by its name. `kar` is `reason` with another prompt, which the actor's provider chooses. */
export const strategies = {
  reason: actorAlone,
  iterate,
  filter,
  kar: actorAlone,
} as const satisfies Record<KnowledgeSettings["strategy"], Strategy>;
