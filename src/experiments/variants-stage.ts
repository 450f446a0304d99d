import { toJson } from "../base/json.ts";
import type { Protocol } from "../base/terms.ts";
import { defineStage, type StageDef } from "../flow/stage.ts";
import { tableNames } from "../tables/schemas/schema.ts";
import { variantsTables } from "../tables/schemas/variants.ts";
import type { VariantRow } from "./variant-row.ts";

/** Writes down what made every variant, so that each row of knowledge, vectors and results can be traced. */
export function variantsStage(rows: readonly VariantRow[], protocol: Protocol): StageDef {
  return defineStage({
    name: "variants",
    module: "experiments/variants-task",
    export: "describeVariants",
    config: toJson({ rows }),
    inputs: [
      ...(protocol === "reference" ? [] : ["cuts"]),
      "data_fingerprint",
      ...["user_knowledge", "item_knowledge", "user_embeddings", "item_embeddings"],
    ],
    outputs: tableNames(variantsTables),
  });
}
