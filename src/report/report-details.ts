import type { Activity } from "../page/activity-figure.ts";
import type { RatingCount } from "../page/rating-figure.ts";
import type { Subject } from "../base/terms.ts";

/** Data of the page that is not in {@link RunResults}: curves, distributions and examples. */
export interface ReportDetails {
  readonly epochs: readonly EpochPoint[];
  readonly ratings: readonly RatingCount[];
  readonly activity: Activity;
  readonly examples: readonly KnowledgeExample[];
}

export interface EpochPoint {
  readonly backbone: string;
  readonly variant: string;
  readonly trial: number;
  readonly seed: number;
  readonly epoch: number;
  /** Mean binary cross-entropy, nats. */
  readonly trainLoss: number;
  /** Null without a validation split. */
  readonly validAuc: number | null;
}

/** One user or item with the context the actor read and all answers about it. */
export interface KnowledgeExample {
  readonly subject: Subject;
  /** As in the source. */
  readonly id: number | string;
  /** Title of the item; null for users and for items missing from the catalogue. */
  readonly title: string | null;
  readonly year: number | null;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  readonly context: readonly ContextEvent[];
  readonly answers: readonly KnowledgeAnswer[];
}

export interface ContextEvent {
  /** `history` of the user, or of the item's `liker` or `disliker`. */
  readonly side: "history" | "liker" | "disliker";
  readonly title: string;
  /** Stars. */
  readonly rating: number | null;
}

export interface KnowledgeAnswer {
  /** The variant that reads this knowledge. */
  readonly variant: string;
  readonly round: number;
  readonly role: string;
  readonly task: string;
  readonly text: string | null;
  readonly judgement: string | null;
  readonly reflection: string | null;
  readonly isFinal: boolean;
  readonly error: string | null;
}
