import { toJson } from "../../base/json.ts";
import type { Protocol } from "../../base/terms.ts";
import { defineStage, type StageDef } from "../../flow/stage.ts";
import { cutsTables } from "../../tables/schemas/samples.ts";
import { tableNames } from "../../tables/schemas/schema.ts";
import type { SamplesSettings } from "../settings.ts";

/** Finds where all interactions are cut in time. The config holds only what affects the cuts, so other changes do not re-run it. */
export function cutsStage(protocol: Protocol, samples: SamplesSettings): StageDef {
  const { testShare, validShare, validFrom, testFrom, gap } = samples;
  return defineStage({
    name: "cuts",
    module: "dataset/split/cuts-task",
    export: "makeCuts",
    config: toJson({ protocol, samples: { testShare, validShare, validFrom, testFrom, gap } }),
    inputs: ["interactions"],
    outputs: tableNames(cutsTables),
  });
}
