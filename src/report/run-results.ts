import type { Subject } from "../base/terms.ts";
import type { Json } from "../base/json.ts";
import type { DatasetFacts, StageFacts } from "./run-facts.ts";

/**
 * The content of `results.json`. Everything but `times` and `machine` follows from the run's tables and settings alone.
 *
 * Rates and shares are 0 to 1, LogLoss is in nats, times of events are ISO 8601 in UTC. Lists are empty as long as the
 * stage that fills them has not run; `pendingStages` says which those are.
 */
export interface RunResults {
  /** Raised when a reader of an older file would misread a newer one. */
  readonly format: 2;
  readonly name: string;
  readonly protocol: string;
  readonly dataset: DatasetFacts & DatasetCounts;
  readonly splits: readonly SplitCounts[];
  /** What became of every interaction: context, train, valid, test or dropped. */
  readonly roles: readonly RoleCount[];
  readonly seeds: readonly number[];
  /** What chose the scored epochs: `valid`, `test` or `last`; more than one only in a mixed run. */
  readonly selectedOn: readonly string[];
  /** Means over seeds of the trials that count; within a backbone Base, then controls, then knowledge. */
  readonly summaries: readonly ModelSummary[];
  /** Every trained model, those of trials that do not count too. */
  readonly models: readonly ModelResult[];
  /** Of the trials that count: every variant against Base, every knowledge variant against every control. */
  readonly comparisons: readonly Comparison[];
  /** Empty without a grid. */
  readonly trials: readonly TrialResult[];
  readonly slices: readonly SliceResult[];
  readonly knowledge: KnowledgeResults;
  readonly audits: readonly AuditResult[];
  /** Stages after the last that has filled a table, in their order. */
  readonly pendingStages: readonly string[];
  readonly settings: Json;
  readonly versions: { readonly r4ec: string; readonly node: string };
  readonly machine: { readonly cpu: string };
  readonly times: RunTimes;
}

export interface DatasetCounts {
  readonly users: number;
  /** Items with at least one interaction. */
  readonly items: number;
  /** Items of the catalogue, rated or not. */
  readonly catalogueItems: number;
  readonly interactions: number;
  /** Share of interactions with label 1; null without interactions. */
  readonly positiveRate: number | null;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  /** Rows of the source that no interaction came of. */
  readonly leftOut: readonly LeftOut[];
}

/** Rows that ingest left out: bad ones, repetitions, what is not of the sample or the core. */
export interface LeftOut {
  readonly step: string;
  readonly reason: string;
  readonly rows: number;
}

export interface SplitCounts {
  readonly split: string;
  readonly rows: number;
  readonly users: number;
  readonly items: number;
  readonly positiveRate: number;
  /** Sum of the rows' weights in training, to nine digits; absent where all count the same. */
  readonly weight?: number;
  readonly firstAt: string;
  readonly lastAt: string;
}

export interface RoleCount {
  readonly role: string;
  readonly rows: number;
}

/** A figure over seeds. `sd` divides by n - 1 and is null for a single seed. */
export interface MeanAndSpread {
  readonly mean: number;
  readonly sd: number | null;
}

/** What a variant is for: what others are compared with, what knowledge has to beat, or knowledge. */
export type Role = "base" | "control" | "knowledge";

export interface ModelSummary {
  readonly backbone: string;
  readonly variant: string;
  readonly role: Role;
  /** Place in the grid; 0 without one. */
  readonly trial: number;
  readonly seeds: number;
  readonly auc: MeanAndSpread;
  readonly logloss: MeanAndSpread;
  /** AUC within each user; null when no user has rows of both classes. */
  readonly gauc: MeanAndSpread | null;
  /** Expected calibration error. */
  readonly ece: MeanAndSpread | null;
  readonly coverage: Coverage | null;
}

/** Shares of test rows whose user, and whose item, has a vector; null for a side the variant does not read. */
export interface Coverage {
  readonly user: number | null;
  readonly item: number | null;
}

export interface ModelResult {
  readonly backbone: string;
  readonly variant: string;
  readonly role: Role;
  readonly trial: number;
  /** What the trial sets; empty without a grid. */
  readonly settings: Json;
  readonly seed: number;
  /** Whether it is of the trial that counts for its backbone and variant. */
  readonly isSelected: boolean;
  readonly engine: string;
  readonly auc: number;
  readonly logloss: number;
  readonly gauc: number | null;
  readonly ece: number | null;
  /** Of the scored epoch; null when there is no validation split. */
  readonly validAuc: number | null;
  readonly validLogloss: number | null;
  readonly bestEpoch: number;
  readonly epochs: number;
  readonly selectedOn: string;
  readonly parameters: number;
  readonly trainRows: number;
  readonly validRows: number;
  readonly testRows: number;
  /** Null for Base, which reads no vectors. */
  readonly coverage: Coverage | null;
}

/** 2.5 % and 97.5 % of the paired bootstrap by user; null without resamples. */
export type Interval = readonly [low: number, high: number] | null;

/** A variant against another on the same backbone, seeds, test rows and resamples. */
export interface Comparison {
  readonly backbone: string;
  readonly variant: string;
  readonly role: Role;
  readonly baseline: string;
  readonly baselineRole: Role;
  readonly seeds: number;
  /** Mean AUC minus the baseline's. */
  readonly aucLift: number;
  readonly aucLiftInterval: Interval;
  /** As a share of the baseline's mean AUC. */
  readonly aucRelative: number;
  /** Mean LogLoss minus the baseline's, nats; below 0 is better. */
  readonly loglossChange: number;
  readonly loglossChangeInterval: Interval;
  /** Below 0 is better. */
  readonly loglossRelative: number;
  readonly resamples: number;
}

/** A combination of the grid's values, of which one for each backbone and variant counts. */
export interface TrialResult {
  readonly backbone: string;
  readonly variant: string;
  readonly trial: number;
  readonly settings: Readonly<Record<string, Json>>;
  readonly seeds: number;
  /** What it was measured on: `valid` or `test`. */
  readonly split: string;
  /** `auc` or `logloss`. */
  readonly metric: string;
  /** Mean over seeds. */
  readonly value: number | null;
  readonly isSelected: boolean;
}

/** A variant on the test rows of some items or users: mean over seeds. */
export interface SliceResult {
  readonly backbone: string;
  readonly variant: string;
  readonly role: Role;
  /** `items` or `users`: whose training rows divide the test rows. */
  readonly slice: string;
  readonly bucket: string;
  readonly rows: number;
  readonly positives: number;
  /** Null when the rows are all of one class. */
  readonly auc: number | null;
  readonly logloss: number;
  /** AUC minus Base's on the same rows. */
  readonly aucLift: number | null;
}

export interface KnowledgeResults {
  readonly rounds: readonly KnowledgeRound[];
  readonly writers: readonly KnowledgeWriter[];
  readonly vectors: readonly VectorCounts[];
}

export interface KnowledgeRound {
  /** Whose knowledge it is. */
  readonly variant: string;
  readonly subject: Subject;
  readonly round: number;
  /** Actor texts: first texts in round 0, refined texts after. */
  readonly texts: number;
  readonly reasonable: number;
  readonly unreasonable: number;
  /** Texts of this round that were kept and encoded. */
  readonly finalTexts: number;
  /** Of these, refined texts for which no round was left to find them reasonable. */
  readonly exhausted: number;
  /** Steps whose answers could not be read, however often they were asked for. */
  readonly unreadable: number;
  /** Steps without an answer for another reason. */
  readonly errors: number;
  /** Calls of models; 0 for the profiler. */
  readonly calls: number;
  /** Tokens of these calls; null where servers did not say. */
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  /** Of the prompts, from the servers' prefix caches. */
  readonly cachedTokens: number | null;
  /** US dollars; null without a price. */
  readonly costUsd: number | null;
}

export interface KnowledgeWriter {
  readonly variant: string;
  readonly subject: Subject;
  readonly role: string;
  readonly provider: string;
  readonly model: string;
  readonly promptVersion: string;
  readonly answers: number;
}

export interface VectorCounts {
  readonly variant: string;
  readonly subject: Subject;
  readonly encoder: string;
  /** Of a text, for a less active user the mean of the items they liked, or taken from a file. */
  readonly origin: "text" | "liked items" | "file";
  readonly vectors: number;
  readonly dimensions: number;
  /** Null where no text was encoded. */
  readonly meanTokens: number | null;
  readonly maxTokens: number | null;
}

export interface AuditResult {
  readonly audit: string;
  readonly about: string;
  readonly rowsChecked: number;
  readonly violations: number;
}

/** Everything that differs between two runs of the same settings on the same tables. */
export interface RunTimes {
  readonly stages: readonly StageFacts[];
  readonly models: readonly ModelTime[];
}

export interface ModelTime {
  readonly backbone: string;
  readonly variant: string;
  readonly trial: number;
  readonly seed: number;
  readonly seconds: number;
}
