/** @file The strategies, by their names in the settings. Each asks the two roles and knows no provider. */

import type { KnowledgeSettings } from "./settings.ts";
import { actorOnly } from "./strategies/actor-only.ts";
import { filter } from "./strategies/filter.ts";
import { iterate } from "./strategies/iterate.ts";
import type { Strategy } from "./strategies/strategy.ts";

export type { StepCall, Strategy, StrategyOptions, StrategyResult } from "./strategies/strategy.ts";
export type { KnowledgeRow, Step } from "./knowledge-row.ts";

/** All strategies. `kar` is `reason` with another prompt, which the actor's provider chooses. */
export const strategies = {
  reason: actorOnly,
  iterate,
  filter,
  kar: actorOnly,
} as const satisfies Record<KnowledgeSettings["strategy"], Strategy>;
