import type { ChatCall } from "../../llm/chat.ts";
import type { Catalog } from "../../flow/stage.ts";
import type { FileRef } from "../../flow/task.ts";
import type { Database, SqlParams } from "../../tables/database.ts";
import { mountChecked } from "../../tables/mount-checked.ts";
import { mountTables } from "../../tables/mount-tables.ts";
import { readBatches } from "../../tables/read-batches.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { printConstruction, printJudgement } from "../chat/print-answer.ts";
import type { ContextSource } from "../contexts/contexts.ts";
import {
  cannedText,
  countingClient,
  judgedAs,
  roleEstimate,
  tokenCounters,
} from "../estimate-calls.ts";
import { withTotals, type KnowledgeEstimate, type SideEstimate } from "../estimate-knowledge.ts";
import { loadItems } from "../contexts/load-items.ts";
import { domainOf } from "../domain-nouns.ts";
import type { KnowledgeSettings } from "../settings.ts";
import type { Subject } from "../../base/terms.ts";
import { itemCases, userCases, type CaseSide, type TeacherCase } from "./cases.ts";
import { infer } from "./infer.ts";
import type { ConstructSettings } from "./settings.ts";

export interface EstimateConstructOptions {
  readonly construct: ConstructSettings;
  readonly knowledge: KnowledgeSettings;
  /** A rating above this counts as liked, stars. */
  readonly positiveAbove: number;
  readonly runDir: string;
  /** The complete tables of the run; contexts and items are among them. */
  readonly tables: Catalog;
  /** Events of the target user shown for an item. */
  readonly history: number;
  /** Parts of the targets that are still to be asked; null before targets are chosen. */
  readonly left: Readonly<Record<Subject, readonly FileRef[]>> | null;
}

/** Maximum number of cases rendered into prompts; the others are assumed to be similar. */
const mostSampled = 200;
const seed = 1;

/**
 * Estimates what is left to ask the teacher, as `estimateKnowledge` does for actor and reflector. Least: every verdict is right and its
 * text judged reasonable. Most: every verdict is wrong and its text refined.
 */
export async function estimateConstruct(
  database: Database,
  options: EstimateConstructOptions,
): Promise<KnowledgeEstimate> {
  const { runDir, tables, left, knowledge, positiveAbove } = options;
  const db = await mountChecked(database, tables, runDir);
  if (left === null) await chooseTargets(db, options);
  else await mountTables(db, { user_targets: left.user, item_targets: left.item }, runDir);
  const { items } = await loadItems(db, knowledge);
  const source = { items, positiveAbove };
  return withTotals([
    await estimateSide(db, userCases, source, options),
    await estimateSide(db, itemCases, source, options),
  ]);
}

/** As `makeTargets` does. */
async function chooseTargets(
  db: Database,
  { construct: { share, seed: choice }, history }: EstimateConstructOptions,
): Promise<void> {
  const create = (table: string, params: SqlParams): Promise<void> =>
    db.run(`create table ${table} as (${sqlFile(`construct/${table}`)})`, params);
  await create("user_targets", { share, seed: choice });
  await create("item_targets", { share, seed: choice, history });
}

async function estimateSide<C, K>(
  db: Database,
  side: CaseSide<C, K>,
  source: ContextSource,
  { construct: { teacher, inferences }, knowledge }: EstimateConstructOptions,
): Promise<SideEstimate> {
  const { subject } = side;
  const statement = sqlFile(`construct/${side.query}`);
  const [count] = await db.rows(`select count(*) as targets from (${statement})`);
  const subjects = Number(count?.["targets"]);
  const id = `${subject}_id`;
  const cases: TeacherCase<C, K>[] = [];
  const drawn = readBatches(
    db,
    `select * from (${statement}) order by hash(${id} + cast($seed as bigint)), ${id} limit cast($most as bigint)`,
    { params: { seed, most: mostSampled } },
  );
  for await (const batch of drawn) cases.push(...side.cases(batch, source));

  const counter = await tokenCounters()(teacher);
  const prompts = side.prompts(domainOf(knowledge, source.positiveAbove), teacher.structured);
  const { signal } = new AbortController();
  const callsWhen = async (isRight: boolean): Promise<readonly ChatCall[]> => {
    const calls: ChatCall[] = [];
    for (const each of cases) {
      const verdict = (each.label === 1) === isRight ? "like" : "dislike";
      const judged = judgedAs(isRight ? "reasonable" : "unreasonable");
      const client = countingClient(teacher, counter, knowledge.prices, (promptVersion) =>
        promptVersion.includes("-reflect@")
          ? printJudgement(judged, teacher.structured)
          : printConstruction({ text: cannedText, verdict }, teacher.structured),
      );
      const inference = await infer(each, 0, { client, prompts, askAgain: 0 }, signal);
      calls.push(...inference.calls.map(({ call }) => call));
    }
    return calls;
  };
  const scale = cases.length === 0 ? 0 : (inferences * subjects) / cases.length;
  const [least, most] = [await callsWhen(true), await callsWhen(false)];
  return {
    variant: null,
    subject,
    strategy: "construct",
    subjects,
    sampled: cases.length,
    roles: subjects === 0 ? [] : [roleEstimate("teacher", teacher, counter, scale, least, most)],
  };
}
