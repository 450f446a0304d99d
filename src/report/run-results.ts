import type { Subject, VariantOrigin } from "../base/terms.ts";
import type { Json } from "../base/json.ts";
import type { LessonLengths } from "../tables/lesson-lengths.ts";
import type { FinetuneResults } from "./finetune-results.ts";
import type { PaperComparison } from "./paper/paper-comparison.ts";
import type { DatasetFacts, StageFacts } from "./run-facts.ts";

/**
 * The content of `results.json`. Everything but `times` and `machine` depends only on the run's tables and settings.
 *
 * Rates and shares range from 0 to 1, LogLoss is in nats, times of events are ISO 8601 in UTC. A list is empty until the stage
 * that fills it has run; see `pendingStages`.
 */
export interface RunResults {
  /** Incremented when code written for the previous format would misread the file. */
  readonly format: 2;
  readonly name: string;
  readonly protocol: string;
  readonly dataset: DatasetFacts & DatasetCounts;
  readonly splits: readonly SplitCounts[];
  /** Interactions by their role under the protocol: context, train, valid, test or dropped. */
  readonly roles: readonly RoleCount[];
  /** What made each variant's vectors of users and of items; empty for runs of versions that did not write it down. */
  readonly variants: readonly VariantFacts[];
  readonly seeds: readonly number[];
  /** How the scored epochs were selected: `valid`, `test` or `last`; several only in a mixed run. */
  readonly selectedOn: readonly string[];
  /** Means over seeds of the selected trials; within a backbone Base, then controls, then knowledge. */
  readonly summaries: readonly ModelSummary[];
  /** Every trained model, including those of trials that were not selected. */
  readonly models: readonly ModelResult[];
  /** Of the selected trials: every two variants of a backbone. */
  readonly comparisons: readonly Comparison[];
  /** Empty without a grid or search. */
  readonly trials: readonly TrialResult[];
  readonly slices: readonly SliceResult[];
  readonly knowledge: KnowledgeResults;
  /** Rows to fine-tune actor and reflector on; only where a teacher wrote some. */
  readonly lessons?: readonly LessonLengths[];
  /** Adapters that were trained; only in a run that fine-tunes. */
  readonly finetune?: FinetuneResults;
  readonly audits: readonly AuditResult[];
  /** Stages after the last one that has filled a table, in order. */
  readonly pendingStages: readonly string[];
  /** A table or figure of the paper beside this run; only where `report.paper` names one. */
  readonly paper?: PaperComparison;
  readonly settings: Json;
  readonly versions: { readonly r4ec: string; readonly node: string };
  readonly machine: { readonly cpu: string };
  readonly times: RunTimes;
}

/** What made the vectors of users or items that a variant's models read; null for what it does not have. */
export interface VariantFacts {
  readonly variant: string;
  readonly subject: Subject;
  /** `texts`: not trained itself, others use its texts or vectors. */
  readonly role: Role | "texts";
  readonly origin: VariantOrigin;
  readonly vectorsOf: string | null;
  readonly deal: string | null;
  readonly textsOf: string | null;
  /** Name of the run that made the vectors; null for this run. */
  readonly importedFrom: string | null;
  readonly strategy: string | null;
  readonly rounds: number | null;
  readonly samples: number | null;
  readonly actor: PlayerFacts | null;
  readonly reflector: PlayerFacts | null;
  readonly encoder: string | null;
  readonly protocol: string | null;
}

/** Who plays a role. */
export interface PlayerFacts {
  readonly provider: string;
  readonly model: string | null;
  /** Null for the profiler, which samples nothing, and where it does not say. */
  readonly temperature: number | null;
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
  /** Source rows that did not become interactions. */
  readonly leftOut: readonly LeftOut[];
}

/** Rows that ingest left out: bad rows, duplicates, rows outside the sample or the core. */
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
  /** Sum of the training weights of the rows, to nine digits; absent if rows are not weighted. */
  readonly weight?: number;
  readonly firstAt: string;
  readonly lastAt: string;
}

export interface RoleCount {
  readonly role: string;
  readonly rows: number;
}

/** A score over seeds. `sd` divides by n - 1 and is null for a single seed. */
export interface MeanAndSpread {
  readonly mean: number;
  readonly sd: number | null;
}

/** The purpose of a variant: what all others are compared with, what knowledge has to beat, or knowledge itself. */
export type Role = "base" | "control" | "knowledge";

export interface ModelSummary {
  readonly backbone: string;
  readonly variant: string;
  readonly role: Role;
  /** Number in the grid or search; 0 without one. */
  readonly trial: number;
  readonly seeds: number;
  readonly auc: MeanAndSpread;
  readonly logloss: MeanAndSpread;
  /** Mean AUC within users; null when no user has rows of both classes. */
  readonly gauc: MeanAndSpread | null;
  /** Expected calibration error. */
  readonly ece: MeanAndSpread | null;
  readonly coverage: Coverage | null;
}

/** Shares of test rows whose user and item have a vector; null where the variant reads no such vectors. */
export interface Coverage {
  readonly user: number | null;
  readonly item: number | null;
}

export interface ModelResult {
  readonly backbone: string;
  readonly variant: string;
  readonly role: Role;
  readonly trial: number;
  /** Settings of the trial; empty where it sets none. */
  readonly settings: Json;
  readonly seed: number;
  /** Whether its trial is the selected one for its backbone and variant. */
  readonly isSelected: boolean;
  readonly engine: string;
  readonly auc: number;
  readonly logloss: number;
  readonly gauc: number | null;
  readonly ece: number | null;
  /** At the scored epoch; null without a validation split. */
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

/**
 * Two-sided p-value of "no difference". `p` is that of one comparison alone, `pHolm` is corrected by Holm's method for all pairs of
 * the backbone, or all pairs and buckets of its slice. Null without resamples, and in runs of earlier versions.
 */
export type PValue = number | null;

/** A variant against another one, on the same backbone, seeds, test rows and resamples. */
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
  readonly aucP: PValue;
  readonly aucPHolm: PValue;
  /** Mean LogLoss minus the baseline's, nats; below 0 is better. */
  readonly loglossChange: number;
  readonly loglossChangeInterval: Interval;
  /** Below 0 is better. */
  readonly loglossRelative: number;
  readonly loglossP: PValue;
  readonly loglossPHolm: PValue;
  readonly resamples: number;
}

/** One combination of a grid's or search's values. One trial is selected per backbone and variant. */
export interface TrialResult {
  readonly backbone: string;
  readonly variant: string;
  readonly trial: number;
  readonly settings: Readonly<Record<string, Json>>;
  readonly seeds: number;
  /** The split of `value`: `valid` or `test`. */
  readonly split: string;
  /** `auc` or `logloss`. */
  readonly metric: string;
  /** Mean over seeds. */
  readonly value: number | null;
  readonly isSelected: boolean;
}

/** A variant on the test rows of one bucket of items or users; means over seeds. */
export interface SliceResult {
  readonly backbone: string;
  readonly variant: string;
  readonly role: Role;
  /** Whether buckets are by the training rows of the `items` or of the `users`. */
  readonly slice: string;
  readonly bucket: string;
  readonly rows: number;
  readonly positives: number;
  /** Null when all rows have the same label. */
  readonly auc: number | null;
  readonly logloss: number;
  /** AUC minus Base's on the same rows. */
  readonly aucLift: number | null;
  readonly aucLiftInterval: Interval;
  readonly aucP: PValue;
  readonly aucPHolm: PValue;
}

export interface KnowledgeResults {
  readonly rounds: readonly KnowledgeRound[];
  readonly writers: readonly KnowledgeWriter[];
  /** Empty when every prompt, also of the teacher, has a usable answer and every text a vector. */
  readonly errors: readonly KnowledgeErrors[];
  readonly vectors: readonly VectorCounts[];
}

export interface KnowledgeRound {
  /** The variant that reads this knowledge. */
  readonly variant: string;
  readonly subject: Subject;
  readonly round: number;
  /** Texts by the actor: first texts in round 0, refined texts in later rounds. */
  readonly texts: number;
  readonly reasonable: number;
  readonly unreasonable: number;
  /** Texts of this round that were kept and encoded. */
  readonly finalTexts: number;
  /** Of these, refined texts that were kept, unjudged or judged unreasonable, because no round was left. */
  readonly exhausted: number;
  /** Steps whose answers could not be parsed, after all retries. */
  readonly unreadable: number;
  /** Steps without an answer for other reasons. */
  readonly errors: number;
  /** Mean words of the texts that stand at the end of the round, each the last one of its subject; null without any. */
  readonly meanWords: number | null;
  /** Share of these texts that were judged reasonable; null where none was judged in this round. */
  readonly reasonableShare: number | null;
  /** Model calls; 0 for the profiler. */
  readonly calls: number;
  /** Tokens of these calls; null if servers did not report them. */
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  /** Prompt tokens read from the servers' prefix caches. */
  readonly cachedTokens: number | null;
  /** US dollars; null without a price. */
  readonly costUsd: number | null;
}

/** Prompts of one role without a usable answer, of one kind; of the encoder, texts without a vector. */
export interface KnowledgeErrors {
  /** Null for the teacher, who writes for no variant. */
  readonly variant: string | null;
  readonly subject: Subject;
  /** actor, reflector, teacher or encoder. */
  readonly role: string;
  /** failed, rejected, filtered, length, empty, unreadable or other. */
  readonly kind: string;
  readonly rows: number;
  /** All prompts or texts of the role, answered or not. */
  readonly prompts: number;
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
  /** Encoded text, mean of the liked items (for less active users), or imported from a file. */
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

/** All that differs between two runs with the same settings and tables. */
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
