import type { z } from "zod";
import { toJson } from "../../base/json.ts";
import { defineStage, type StageDef } from "../../flow/stage.ts";
import { ingestTables } from "../../tables/schemas/ingest.ts";
import { fanOutNames } from "./fan-out/fan-out-stages.ts";
import { tableNames } from "../../tables/schemas/schema.ts";
import type { bucketsSetting, DatasetSettings } from "../settings.ts";

export interface IngestOptions {
  readonly dataset: DatasetSettings;
  /** Fingerprint of the source's files: a changed source is read again. Null when the stage will not run. */
  readonly source: string | null;
  readonly buckets: z.output<typeof bucketsSetting>;
  /** Events that samples will keep: how much a bucket holds depends on it. */
  readonly history: number;
}

/** Reads the source into typed, checked interactions, items and users. */
export function ingestStage({ dataset, source, buckets, history }: IngestOptions): StageDef {
  return defineStage({
    name: "ingest",
    version: "3",
    module: "dataset/ingest/ingest-task",
    export: "ingest",
    replaces: fanOutNames,
    runtime: toJson({ buckets, history }),
    config: toJson({ dataset, source }),
    inputs: [],
    outputs: tableNames(ingestTables),
  });
}
