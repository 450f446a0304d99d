import { policyOf, type RetryWish } from "../base/retry-policy.ts";
import { defineStage, taskPerPart, type StageDef } from "../flow/stage.ts";
import { vectorsTables } from "../tables/schemas/encode.ts";
import { tableNames } from "../tables/schemas/schema.ts";
import type { EncodeSettings } from "./encoder-settings.ts";
import { sessionThreads, splitEncodeSettings } from "./settings.ts";
import { checkTexts, givenTextLimit } from "./text-errors.ts";

export interface EncodeTextsOptions {
  readonly encode: EncodeSettings;
  /** What identifies the encoder; null for the bundled one. */
  readonly encoder: string | null;
  /** Cores to use. */
  readonly threads: number;
  readonly retry: RetryWish;
}

/** Encodes texts for `r4ec encode`; a task per part. */
export function encodeTextsStage({
  encode,
  encoder,
  threads,
  retry,
}: EncodeTextsOptions): StageDef {
  const { what, how } = splitEncodeSettings(encode);
  return defineStage({
    name: "encode",
    version: "3",
    module: "encode/encode-texts-task",
    export: "encodeTexts",
    config: { settings: what, encoder },
    runtime: { settings: how },
    inputs: ["texts", "text_ids"],
    outputs: tableNames(vectorsTables),
    plan: ({ texts = [], text_ids = [] }) =>
      taskPerPart("texts", { texts, ...(text_ids.length > 0 && { text_ids }) }),
    threads: sessionThreads(encode, threads),
    retry: policyOf(retry, false),
    check: (parts) => {
      checkTexts(parts, givenTextLimit(encode), "text_requests");
    },
  });
}
