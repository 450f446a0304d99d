import type { Activity } from "../page/activity-figure.ts";
import type { RatingCount } from "../page/rating-figure.ts";
import type { Subject } from "../base/terms.ts";

/** What the page shows beyond {@link RunResults}: curves, distributions and examples. */
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
  /** Null when there is no validation split. */
  readonly validAuc: number | null;
}

/** One user or item with what the actor read about it and everything that was said. */
export interface KnowledgeExample {
  readonly subject: Subject;
  readonly id: number;
  /** Title of the item; null for users and for items that the catalogue lacks. */
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
  /** Whose knowledge it is. */
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
