import { toJson } from "../../base/json.ts";
import type { Protocol } from "../../base/terms.ts";
import { defineStage, type StageDef } from "../../flow/stage.ts";
import { auditsTables } from "../../tables/schemas/samples.ts";
import { tableNames } from "../../tables/schemas/schema.ts";
import { auditsAfter, type AuditedStage } from "./audits.ts";
import type { ExpectedCounts } from "./expected-counts.ts";

const auditedTables: Readonly<Record<AuditedStage, readonly string[]>> = {
  samples: ["interactions", "samples"],
  contexts: ["interactions", "samples", "user_contexts", "item_contexts"],
  stats: ["interactions", "samples", "user_contexts", "user_stats", "item_stats"],
};

/**
 * The leak audits of a stage's tables. Later stages do not run when one fails.
 *
 * @param runtime - What to say of labels that are all equal and of splits without rows, for the audits of samples
 * @param expected - Counts that are checked as well, for the audits of samples; absent from the config where none are
 */
export function auditStage(
  audited: AuditedStage,
  protocol: Protocol,
  runtime: { readonly labelCure?: string; readonly splitCure?: string } = {},
  expected: ExpectedCounts = {},
): StageDef {
  const counts = toJson({ ...expected });
  return defineStage({
    name: `audit-${audited}`,
    module: "dataset/audits/audit-task",
    export: "auditTables",
    config: {
      ...{ protocol, audits: auditsAfter(audited) },
      ...(Object.keys(expected).length > 0 && { expect: counts }),
    },
    runtime: toJson(runtime),
    inputs: auditedTables[audited],
    outputs: tableNames(auditsTables),
  });
}
