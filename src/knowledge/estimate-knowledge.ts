import type { Catalog } from "../flow/stage.ts";
import type { FileRef } from "../flow/task.ts";
import type { Database } from "../tables/database.ts";
import {
  assumedWords,
  estimateCalls,
  type AskedBefore,
  type EstimateRange,
  type RoleEstimate,
} from "./estimate-calls.ts";
import { domainOf } from "./domain-nouns.ts";
import { sampleContexts } from "./contexts/sample-contexts.ts";
import { sideSettings, type KnowledgeSettings, type SideSettings } from "./settings.ts";
import { type Subject } from "../base/terms.ts";

/** What is left to ask about users or items. */
export interface SideEstimate {
  /** Whose knowledge it is; null for the teacher's. */
  readonly variant: string | null;
  readonly subject: Subject;
  readonly strategy: SideSettings["strategy"] | "construct";
  /** Number of subjects to ask about, without those whose knowledge exists or whose vectors are approximated. */
  readonly subjects: number;
  /** Size of the sample that the numbers were scaled up from. */
  readonly sampled: number;
  /** One per role that asks a model. */
  readonly roles: readonly RoleEstimate[];
}

/** What the knowledge stages still have to ask models. */
export interface KnowledgeEstimate {
  readonly sides: readonly SideEstimate[];
  readonly total: Pick<RoleEstimate, "calls" | "promptTokens" | "completionTokens" | "costUsd">;
  /** Models without a price. */
  readonly unpriced: readonly string[];
  /** Assumed words of every answer. */
  readonly assumedWords: number;
}

/** Knowledge that is missing for a variant. */
export interface VariantLeft {
  readonly variant: string;
  /** The variant's settings. */
  readonly knowledge: KnowledgeSettings;
  /** Parts of the contexts whose knowledge is missing. */
  readonly left: Readonly<Record<Subject, readonly FileRef[]>>;
}

export interface EstimateKnowledgeOptions {
  readonly variants: readonly VariantLeft[];
  /** A rating above this counts as liked, stars. */
  readonly positiveAbove: number;
  readonly runDir: string;
  /** The complete tables of the run; contexts and items are among them. */
  readonly tables: Catalog;
}

/** Most contexts that are rendered into prompts; the others are assumed to be alike. */
const mostSampled = 200;

/**
 * Estimates calls, tokens and cost of the rest of the knowledge stages. Prompts that several variants share are asked once, and counted
 * for the first. Cached answers are not looked up, although they would cost nothing.
 */
export async function estimateKnowledge(
  db: Database,
  { variants, positiveAbove, runDir, tables }: EstimateKnowledgeOptions,
): Promise<KnowledgeEstimate> {
  const sides: SideEstimate[] = [];
  const asked: AskedBefore = { least: new Set(), most: new Set() };
  for (const { variant, knowledge, left } of variants) {
    const nouns = domainOf(knowledge, positiveAbove);
    for (const subject of ["user", "item"] as const) {
      const { subjects, sample } = await sampleContexts(db, subject, mostSampled, {
        runDir,
        tables: { ...tables, [`${subject}_contexts`]: left[subject] },
        knowledge,
        positiveAbove,
      });
      const settings = sideSettings(knowledge, subject);
      sides.push({
        ...{ variant, subject, strategy: settings.strategy },
        ...{ subjects, sampled: sample.contexts.length },
        roles: await estimateCalls(sample, subjects, settings, nouns, knowledge.prices, asked),
      });
    }
  }
  return withTotals(sides);
}

/** All sides with their totals. */
export function withTotals(sides: readonly SideEstimate[]): KnowledgeEstimate {
  const roles = sides.flatMap((side) => side.roles);
  return {
    sides,
    total: {
      calls: total(roles.map(({ calls }) => calls)),
      promptTokens: total(roles.map(({ promptTokens }) => promptTokens)),
      completionTokens: total(roles.map(({ completionTokens }) => completionTokens)),
      costUsd: totalCost(roles),
    },
    unpriced: [
      ...new Set(roles.filter(({ costUsd }) => costUsd === null).map(({ model }) => model)),
    ],
    assumedWords,
  };
}

function totalCost(roles: readonly RoleEstimate[]): EstimateRange | null {
  const costs = roles.flatMap(({ costUsd }) => costUsd ?? []);
  return costs.length === roles.length ? total(costs) : null;
}

function total(amounts: readonly EstimateRange[]): EstimateRange {
  return {
    least: amounts.reduce((sum, { least }) => sum + least, 0),
    most: amounts.reduce((sum, { most }) => sum + most, 0),
  };
}
