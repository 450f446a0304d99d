import { encoderSpec } from "../../encode/encoders/encoder-kinds.ts";
import {
  assumeEmbeddings,
  estimateEmbeddings,
  type EmbeddingEstimate,
} from "../../encode/remote/estimate-embeddings.ts";
import type { Catalog } from "../../flow/stage.ts";
import type { FileRef, TaskSpec } from "../../flow/task.ts";
import { cannedText } from "../../knowledge/estimate-calls.ts";
import { sideSettings } from "../../knowledge/settings.ts";
import { subjects } from "../../base/terms.ts";
import type { Database } from "../../tables/database.ts";
import { stageFor } from "../../base/stage-names.ts";
import type { PipelineSettings } from "../settings.ts";
import type { Texts } from "../variants/knowledge-of-variant.ts";

/** What a run has done and has left, as far as encoders go. */
export interface EncodingLeft {
  readonly runDir: string;
  /** All tables that are complete. */
  readonly catalog: Catalog;
  /** Tasks of a stage that are left; null while its inputs are missing. */
  readonly tasksLeft: (stage: string) => readonly TaskSpec[] | null;
  /** Runs `use` with a database that leaves nothing behind. */
  readonly withDatabase: <T>(use: (db: Database) => Promise<T>) => Promise<T>;
}

/**
 * What remote encoders have still to be asked. Texts that are not written yet are taken to be as long as those the models are asked for,
 * one of each user and item, of strategy filter as many as are written.
 *
 * @returns Null without a remote encoder; "unknown" while there are no contexts to count texts by
 */
export async function planEncoding(
  settings: PipelineSettings,
  { runDir, catalog, tasksLeft, withDatabase }: EncodingLeft,
): Promise<readonly EmbeddingEstimate[] | "unknown" | null> {
  const made = settings.resolved.vectors.flatMap(({ name: variant, texts, encode }) => {
    const spec = encoderSpec(encode.encoder);
    if (spec.kind !== "openai") return [];
    const { prices } = settings.knowledge;
    const stage = stageFor("encode", variant);
    return [{ stage, texts, left: { variant, model: spec.model, settings: encode, prices } }];
  });
  if (made.length === 0) return null;
  const estimates: EmbeddingEstimate[] = [];
  for (const { stage, texts: written, left } of made) {
    const tasks = tasksLeft(stage);
    if (tasks === null) {
      const texts = textsToCome(written, catalog);
      if (texts === null) return "unknown";
      estimates.push(assumeEmbeddings(left, texts, cannedText.length));
      continue;
    }
    const partsOf = (table: string): readonly FileRef[] =>
      tasks.flatMap(({ inputs }) => inputs[table] ?? []);
    const knowledge = {
      user_knowledge: partsOf("user_knowledge"),
      item_knowledge: partsOf("item_knowledge"),
    };
    estimates.push(await withDatabase((db) => estimateEmbeddings(db, left, { knowledge, runDir })));
  }
  return estimates;
}

/** Texts that there will be at most; null while there are no contexts. */
function textsToCome({ knowledge }: Texts, catalog: Catalog): number | null {
  const counts = subjects.map((subject) => {
    const { strategy, samples } = sideSettings(knowledge, subject);
    const parts = catalog[`${subject}_contexts`];
    const rows = parts?.reduce((sum, { rows: own }) => sum + own, 0);
    return rows === undefined ? null : rows * (strategy === "filter" ? samples : 1);
  });
  return counts.reduce<number | null>(
    (sum, count) => (sum === null || count === null ? null : sum + count),
    0,
  );
}
