import { pipeline } from "node:stream/promises";
import { setImmediate } from "node:timers/promises";
import type { RecordBatch } from "apache-arrow";
import { FlowError } from "../base/errors.ts";
import type { TaskContext, WrittenFile } from "../flow/task.ts";
import { outcomeTally } from "../flow/outcomes.ts";
import { AnswerPending } from "../llm/chat.ts";
import { batchFromRows } from "../tables/batch-from-rows.ts";
import type { Database, Row } from "../tables/database.ts";
import { readBatches } from "../tables/read-batches.ts";
import { sourceNames } from "../tables/source-ids/source-names.ts";
import { sqlFile } from "../tables/sql-file.ts";
import { writeBatches } from "../tables/write-batches.ts";
import type { AnswerWatch, WatchedRole } from "./answers/answer-watch.ts";
import { knowledgeTally } from "./knowledge-tally.ts";
import { mapOrdered } from "./map-ordered.ts";
import type { StageNotes } from "../flow/stage-notes.ts";
import { requestRow } from "./request-row.ts";
import type { Subject } from "../base/terms.ts";
import type { StrategyResult } from "./strategies.ts";

/** Subjects per written batch, and per progress report where no model is asked. */
const subjectsABatch = 256;
/** Least time between two reports about asking a model, ms. */
const reportEveryMs = 1000;

/** The subjects to ask about, in the order of the written knowledge. */
export interface Subjects<C> {
  readonly subject: Subject;
  /** Variant of the knowledge. */
  readonly variant: string;
  /** Statement in sql/knowledge/ that selects the contexts. */
  readonly query: string;
  readonly contexts: (batch: RecordBatch) => readonly C[];
  readonly idOf: (context: C) => number;
}

/** A strategy bound to its roles. */
export interface Asking<C> {
  /** Subjects asked about concurrently. */
  readonly inFlight: number;
  readonly ask: (context: C) => Promise<StrategyResult>;
  readonly roleOf: (role: "actor" | "reflector") => WatchedRole;
  /** What the user should know. */
  readonly notes: Pick<StageNotes, "all" | "follow">;
}

/**
 * Asks about every subject and writes the knowledge and the calls.
 *
 * @throws `ANSWERS_PENDING` after queueing all prompts of the part that could be asked
 */
export async function writeKnowledge<C>(
  db: Database,
  { subject, variant, query, contexts, idOf }: Subjects<C>,
  watch: AnswerWatch,
  context: TaskContext,
  { inFlight, ask, roleOf, notes }: Asking<C>,
): Promise<readonly WrittenFile[]> {
  const table = `${subject}_knowledge`;
  const statement = sqlFile(`knowledge/${query}`);
  const [count] = await db.rows(`select count(*) as subjects from (${statement})`);
  const rowsTotal = Number(count?.["subjects"]);
  const names = await sourceNames(db, context.runDir);
  const tally = knowledgeTally();
  const made = outcomeTally();
  const requests: Row[] = [];

  async function* subjects(batches: AsyncIterable<RecordBatch>): AsyncGenerator<C> {
    for await (const batch of batches) yield* contexts(batch);
  }

  /** A subject's result, or null when it waits for answers by batch. */
  const answer = async (each: C): Promise<{ id: number; told: StrategyResult } | null> => {
    try {
      const told = await ask(each);
      for (const { role, error } of told.rows) if (error === null) watch.note(roleOf(role), null);
      for (const failure of told.failures) watch.note(roleOf(failure.role), failure);
      return { id: idOf(each), told };
    } catch (thrown) {
      if (thrown instanceof AnswerPending) return null;
      throw thrown;
    }
  };

  let reportedAt = performance.now();
  const report = (): void => {
    reportedAt = performance.now();
    const { subjects: rowsDone } = tally;
    const detail = tally.detail();
    context.progress({ rowsDone, rowsTotal, unit: `${subject}s`, detail, notes: notes.all() });
  };

  async function* rowsOf(batches: AsyncIterable<RecordBatch>): AsyncGenerator<RecordBatch> {
    let rows: Row[] = [];
    for await (const answered of mapOrdered(subjects(batches), inFlight, answer)) {
      tally.add(answered?.told ?? null);
      if (answered !== null) {
        const { id, told } = answered;
        for (const { call, ...step } of told.calls) {
          requests.push(requestRow(subject, id, { variant, ...step }, call));
        }
        for (const failure of told.failures) made.add(failure.role, failure);
        const kinds = told.failures.map(({ kind }) => kind).values();
        for (const row of told.rows) {
          if (row.error === null) {
            made.add(row.role);
          } else {
            const name = (await names[subject]([id]))(id);
            const kind = kinds.next().value ?? "other"; // failures are in the order of their rows
            watch.count(`${subject} ${name}, ${row.task}: ${row.error}`, kind);
          }
          rows.push(
            subject === "user"
              ? { variant, user_id: id, ...row }
              : { variant, item_id: id, ...row },
          );
        }
      }
      if (tally.subjects % subjectsABatch !== 0) {
        if (requests.length > 0 && performance.now() - reportedAt >= reportEveryMs) report();
        continue;
      }
      yield batchFromRows(table, rows);
      rows = [];
      report();
      // With a provider that answers at once the event loop never turns, and an abort would not arrive.
      await setImmediate();
      context.signal.throwIfAborted();
    }
    if (rows.length > 0) yield batchFromRows(table, rows);
    report();
  }

  let written: WrittenFile | undefined;
  const unfollow = notes.follow(report);
  await pipeline(
    readBatches(db, statement),
    rowsOf,
    async (batches: AsyncIterable<RecordBatch>) => {
      written = await writeBatches(db, table, batches, context);
    },
    { signal: context.signal },
  ).finally(unfollow);
  if (written === undefined) throw new Error(`internal: no part of ${table} was written`);
  if (tally.pending > 0) {
    throw new FlowError(
      "ANSWERS_PENDING",
      `${tally.pending} of ${rowsTotal} ${subject}s wait for answers by batch`,
    );
  }
  const outcomes = made.outcomes();
  const texts = outcomes === undefined ? written : { ...written, outcomes };
  if (requests.length === 0) return [texts];
  return [
    texts,
    await writeBatches(db, "requests", [batchFromRows("requests", requests)], context),
  ];
}
