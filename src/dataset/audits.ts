/**
 * The leak audits, by the name of their statement in sql/audits: after which stage they run, and the table each of whose rows is
 * judged. An audit is a query that must return no rows.
 */
export const audits = {
  history_before_row: { after: "samples", table: "samples" },
  splits_in_time_order: { after: "samples", table: "samples" },
  user_context_before_samples: { after: "contexts", table: "samples" },
  item_context_from_train: { after: "contexts", table: "item_contexts" },
  item_context_history_before: { after: "contexts", table: "item_contexts" },
  context_labels_not_scored: { after: "contexts", table: "samples" },
  user_stats_from_context: { after: "stats", table: "user_stats" },
  item_stats_from_train: { after: "stats", table: "item_stats" },
} as const;

export type AuditName = keyof typeof audits;
/** Whose tables are audited. */
export type AuditedStage = (typeof audits)[AuditName]["after"];

export const auditNames = Object.keys(audits) as readonly string[] as readonly AuditName[];

/** The audits to run once the tables of a stage are there. */
export function auditsAfter(stage: AuditedStage): readonly AuditName[] {
  return auditNames.filter((name) => audits[name].after === stage);
}
