import { toJson } from "../../base/json.ts";
import type { Protocol } from "../../base/terms.ts";
import { defineStage, taskPerBucket, type StageDef } from "../../flow/stage.ts";
import { samplesTables } from "../../tables/schemas/samples.ts";
import { tableNames } from "../../tables/schemas/schema.ts";
import { splitCure } from "./split-cure.ts";
import type { DatasetSettings, SamplesSettings } from "../settings.ts";

export interface SamplesOptions {
  readonly protocol: Protocol;
  readonly samples: SamplesSettings;
  /** Events of each user that are context and never scored. */
  readonly contextRows: number;
  readonly shortUsers: DatasetSettings["shortUsers"];
  /** See `labelCure`. */
  readonly labels: string;
}

/** Numbers each user's events and makes the rows that models are trained and scored on; a task per bucket of users. */
export function samplesStage({
  protocol,
  samples,
  contextRows,
  shortUsers,
  labels,
}: SamplesOptions): StageDef {
  return defineStage({
    name: "samples",
    module: "dataset/split/samples-task",
    export: "makeSamples",
    config: { protocol, samples: toJson(samples), contextRows, shortUsers },
    runtime: { labelCure: labels, splitCure: splitCure(protocol, samples) },
    // Protocol reference splits each user apart and needs no cuts.
    inputs: ["interactions", ...(protocol === "reference" ? [] : ["cuts"])],
    outputs: tableNames(samplesTables),
    plan: taskPerBucket,
  });
}
