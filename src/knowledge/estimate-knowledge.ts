import type { Catalog } from "../flow/stage.ts";
import type { FileRef } from "../flow/task.ts";
import type { Database } from "../tables/database.ts";
import { assumedWords, estimateCalls, type Between, type RoleEstimate } from "./estimate-calls.ts";
import { nounsOf } from "./nouns.ts";
import { sampleContexts } from "./sample-contexts.ts";
import {
  sideSettings,
  type KnowledgeSettings,
  type SideSettings,
  type Subject,
} from "./settings.ts";

/** What is left to be asked about the users or the items. */
export interface SideEstimate {
  readonly subject: Subject;
  readonly strategy: SideSettings["strategy"] | "construct";
  /** Who will be asked about: not those whose knowledge is there already, nor those whose vectors are approximated. */
  readonly subjects: number;
  /** How many of them the numbers were scaled up from. */
  readonly sampled: number;
  /** One for each role that asks a model. */
  readonly roles: readonly RoleEstimate[];
}

/** What a stage has still to ask of models. */
export interface KnowledgeEstimate {
  readonly sides: readonly SideEstimate[];
  readonly total: Pick<RoleEstimate, "calls" | "promptTokens" | "completionTokens" | "costUsd">;
  /** Models that are asked and have no price. */
  readonly unpriced: readonly string[];
  /** Words that every answer is assumed to have. */
  readonly assumedWords: number;
}

export interface EstimateKnowledgeOptions {
  readonly knowledge: KnowledgeSettings;
  /** A rating above this counts as liked, stars. */
  readonly positiveAbove: number;
  readonly runDir: string;
  /** The complete tables of the run; contexts and items are among them. */
  readonly tables: Catalog;
  /** Parts of the contexts whose knowledge is missing. */
  readonly left: Readonly<Record<Subject, readonly FileRef[]>>;
}

/** Contexts of a side that are rendered into prompts; the rest is taken to be like them. */
const mostSampled = 200;

/**
 * Estimates calls, tokens and cost of what is left of the knowledge stage. Answers in the cache are not looked for: they cost nothing
 * when they are there.
 */
export async function estimateKnowledge(
  db: Database,
  { knowledge, positiveAbove, runDir, tables, left }: EstimateKnowledgeOptions,
): Promise<KnowledgeEstimate> {
  const nouns = nounsOf(knowledge.itemNoun, knowledge.personNoun);
  const sides: SideEstimate[] = [];
  for (const subject of ["user", "item"] as const) {
    const { subjects, sample } = await sampleContexts(db, subject, mostSampled, {
      runDir,
      tables: { ...tables, [`${subject}_contexts`]: left[subject] },
      knowledge,
      positiveAbove,
    });
    const settings = sideSettings(knowledge, subject);
    sides.push({
      subject,
      strategy: settings.strategy,
      subjects,
      sampled: sample.contexts.length,
      roles: await estimateCalls(sample, subjects, settings, nouns, knowledge.prices),
    });
  }
  return summed(sides);
}

/** Both sides with their totals. */
export function summed(sides: readonly SideEstimate[]): KnowledgeEstimate {
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

function totalCost(roles: readonly RoleEstimate[]): Between | null {
  const costs = roles.flatMap(({ costUsd }) => costUsd ?? []);
  return costs.length === roles.length ? total(costs) : null;
}

function total(amounts: readonly Between[]): Between {
  return {
    least: amounts.reduce((sum, { least }) => sum + least, 0),
    most: amounts.reduce((sum, { most }) => sum + most, 0),
  };
}
