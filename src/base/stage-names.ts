/** @file Names of the stages that one knowledge variant adds to a run. */

/** The stage that does a variant's work. The run's own knowledge, r4ec, needs no suffix: `encode`, but `encode-kar`. */
export function stageFor(work: "knowledge" | "encode" | "approximate", variant: string): string {
  return variant === "r4ec" ? work : `${work}-${variant}`;
}

/** The stage that imports the vectors of a variant from files. */
export function importStageFor(variant: string): string {
  return `import-${variant}`;
}
