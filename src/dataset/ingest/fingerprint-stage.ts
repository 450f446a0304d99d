import { defineStage, type StageDef } from "../../flow/stage.ts";
import { fingerprintTables } from "../../tables/schemas/ingest.ts";
import { tableNames } from "../../tables/schemas/schema.ts";

/** Fingerprints the interactions, so that vectors made on other data are recognised. */
export function fingerprintStage(): StageDef {
  return defineStage({
    name: "fingerprint",
    module: "dataset/ingest/fingerprint-task",
    export: "fingerprint",
    config: {},
    inputs: ["interactions"],
    outputs: tableNames(fingerprintTables),
  });
}
