/** @file Names of stages that not every run has. */

/** The stage that does a variant's work. The run's own knowledge, r4ec, needs no suffix: `encode`, but `encode-kar`. */
export function stageFor(work: "knowledge" | "encode" | "approximate", variant: string): string {
  return variant === "r4ec" ? work : `${work}-${variant}`;
}

/** The stage that imports the vectors of a variant from files. */
export function importStageFor(variant: string): string {
  return `import-${variant}`;
}

/** The stages that read a source: `ingest` where one task does it, else the others. */
export const ingestStages = [
  "ingest",
  "ingest-columns",
  "ingest-survey",
  "ingest-typing",
  "ingest-read",
  "ingest-ids",
  "ingest-events",
  "ingest-core",
  "ingest-buckets",
  "ingest-items",
] as const;
export type IngestStage = (typeof ingestStages)[number];
