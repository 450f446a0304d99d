import type { RecordBatch } from "apache-arrow";
import type { Catalog } from "../../flow/stage.ts";
import type { Database } from "../../tables/database.ts";
import { mountChecked } from "../../tables/mount-checked.ts";
import { readBatches } from "../../tables/read-batches.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { itemContexts, userContexts, type ContextSource } from "./contexts.ts";
import type { ContextSample } from "../estimate-calls.ts";
import { loadItems } from "./load-items.ts";
import { loadUsers, showsUserAttributes } from "./load-users.ts";
import type { KnowledgeSettings } from "../settings.ts";
import type { Subject } from "../../base/terms.ts";

/** What contexts are sampled from. */
export interface ContextTables {
  readonly runDir: string;
  /**
   * Parts of `items` and `<subject>_contexts`, and of `users` where prompts show their attributes; if only active users are asked about, also of `user_tiers` or, before that table
   * exists, of `timeline`, with all of `user_contexts`.
   */
  readonly tables: Catalog;
  readonly knowledge: KnowledgeSettings;
  /** A rating above this counts as liked, stars. */
  readonly positiveAbove: number;
}

/** Number of subjects to ask about, and a sample of them. */
export interface DrawnContexts {
  readonly subjects: number;
  readonly sample: ContextSample;
}

const seed = 1;

/** Samples at most `most` contexts of the subjects to ask about; the same ones every time. */
export async function sampleContexts(
  database: Database,
  subject: Subject,
  most: number,
  { runDir, tables, knowledge, positiveAbove }: ContextTables,
): Promise<DrawnContexts> {
  const db = await mountChecked(database, tables, runDir);
  const { items } = await loadItems(db, knowledge);
  const isShown = subject === "user" && showsUserAttributes(knowledge);
  const users = isShown ? await loadUsers(db, knowledge) : null;
  const source = { items, positiveAbove, ...(users && { users }) };
  const tiers = subject === "user" ? knowledge.tiers : undefined;
  if (tiers !== undefined && tables["user_tiers"] === undefined) await makeTiers(db, tiers);
  const query = tiers === undefined ? `${subject}_contexts` : "active_user_contexts";
  const contexts = sqlFile(`knowledge/${query}`);
  const [count] = await db.rows(`select count(*) as subjects from (${contexts})`);
  const id = `${subject}_id`;
  const drawn = readBatches(
    db,
    `select * from (${contexts}) order by hash(${id} + cast($seed as bigint)), ${id} limit cast($most as bigint)`,
    { params: { seed, most } },
  );
  const sample: ContextSample =
    subject === "user"
      ? { subject, contexts: await collect(drawn, source, userContexts) }
      : { subject, contexts: await collect(drawn, source, itemContexts) };
  return { subjects: Number(count?.["subjects"]), sample };
}

async function makeTiers(
  db: Database,
  { activeFrom, activeShare }: NonNullable<KnowledgeSettings["tiers"]>,
): Promise<void> {
  await db.run(`create or replace table user_tiers as (${sqlFile("knowledge/user_tiers")})`, {
    active_from: activeFrom ?? null,
    active_share: activeShare ?? null,
  });
}

async function collect<C>(
  batches: AsyncIterable<RecordBatch>,
  source: ContextSource,
  contextsOf: (batch: RecordBatch, source: ContextSource) => readonly C[],
): Promise<readonly C[]> {
  const all: C[] = [];
  for await (const batch of batches) all.push(...contextsOf(batch, source));
  return all;
}
