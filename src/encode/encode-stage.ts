import { toJson } from "../base/json.ts";
import { policyOf, type RetryWish } from "../base/retry-policy.ts";
import { stageFor } from "../base/stage-names.ts";
import { subjects } from "../base/terms.ts";
import { defineStage, pickTables, taskPerPart, type StageDef } from "../flow/stage.ts";
import { embeddingsTables } from "../tables/schemas/encode.ts";
import { requests } from "../tables/schemas/knowledge.ts";
import { tableNames } from "../tables/schemas/schema.ts";
import type { EncodeSettings } from "./encoder-settings.ts";
import { sessionThreads, splitEncodeSettings } from "./settings.ts";
import type { SpendingSettings } from "./spending.ts";
import { checkTexts, textLimit } from "./text-errors.ts";

export interface EncodeOptions {
  /** Whose vectors these are. */
  readonly variant: string;
  /** The variant whose texts are encoded. */
  readonly texts: string;
  readonly encode: EncodeSettings;
  /** What identifies the encoder, from its files or its server; null when the stage will not run. */
  readonly encoder: string | null;
  /** Of a server of embeddings: its cache of answers, budget and prices. */
  readonly spending: SpendingSettings;
  /** Which texts without a vector are asked for again. */
  readonly retry: RetryWish;
  /** Cores of the run. */
  readonly threads: number;
}

/** Turns the texts of a variant into vectors; a task per part of its knowledge. */
export function encodeStage(options: EncodeOptions): StageDef {
  const { variant, texts, encode, encoder, spending } = options;
  const { what, how } = splitEncodeSettings(encode);
  const threads = sessionThreads(encode, options.threads);
  const limit = textLimit(encode);
  return defineStage({
    name: stageFor("encode", variant),
    version: "4",
    module: "encode/encode-task",
    export: "encode",
    config: { settings: what, encoder },
    runtime: toJson({ settings: how, spending }),
    inputs: ["user_knowledge", "item_knowledge"],
    sources: [stageFor("knowledge", texts)],
    // A stage that waits asks a server.
    outputs: tableNames([...embeddingsTables, ...(threads === "waiting" ? [requests] : [])]),
    threads,
    plan: (inputs) =>
      subjects.flatMap((subject) =>
        taskPerPart(`${subject}_knowledge`, pickTables(inputs, [`${subject}_knowledge`]), {
          subject,
          variant,
        }),
      ),
    retry: policyOf(options.retry, false),
    check: (parts) => {
      checkTexts(parts, limit, requests.name);
    },
  });
}
