/**
 * The leak audits by the name of their statement in sql/audits: the stage they run after, the table whose rows they check, and whether
 * each user's rows are checked independently, so that buckets of users can be audited one by one.
 * An audit is a query that must return no rows.
 */
export const audits = {
  history_before_row: { after: "samples", table: "samples", isWithinUser: true },
  splits_in_time_order: { after: "samples", table: "samples", isWithinUser: false },
  user_context_before_samples: { after: "contexts", table: "samples", isWithinUser: true },
  item_context_from_train: { after: "contexts", table: "item_contexts", isWithinUser: false },
  item_context_history_before: { after: "contexts", table: "item_contexts", isWithinUser: false },
  context_labels_not_scored: { after: "contexts", table: "samples", isWithinUser: false },
  user_stats_from_context: { after: "stats", table: "user_stats", isWithinUser: false },
  item_stats_from_train: { after: "stats", table: "item_stats", isWithinUser: false },
} as const;

export type AuditName = keyof typeof audits;
/** A stage whose tables are audited. */
export type AuditedStage = (typeof audits)[AuditName]["after"];

export const auditNames = Object.keys(audits) as readonly string[] as readonly AuditName[];

/** The audits to run after a stage. */
export function auditsAfter(stage: AuditedStage): readonly AuditName[] {
  return auditNames.filter((name) => audits[name].after === stage);
}
