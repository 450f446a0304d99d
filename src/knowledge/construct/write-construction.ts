import { setImmediate } from "node:timers/promises";
import type { RecordBatch } from "apache-arrow";
import { FlowError } from "../../base/errors.ts";
import type { FaultKind } from "../../base/retry-policy.ts";
import type { TaskContext, WrittenFile } from "../../flow/task.ts";
import { outcomeTally } from "../../flow/outcomes.ts";
import { AnswerPending } from "../../llm/chat.ts";
import { waitForAll } from "../../base/wait-for-all.ts";
import { batchFromRows } from "../../tables/batch-from-rows.ts";
import type { Database, Row } from "../../tables/database.ts";
import { readBatches } from "../../tables/read-batches.ts";
import { sourceNames } from "../../tables/source-ids/source-names.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { writeBatches } from "../../tables/write-batches.ts";
import type { ContextSource } from "../contexts/contexts.ts";
import type { AnswerWatch, WatchedRole } from "../answers/answer-watch.ts";
import { mapOrdered } from "../map-ordered.ts";
import type { StageNotes } from "../../flow/stage-notes.ts";
import { requestRow } from "../request-row.ts";
import { inferenceRows, type Student } from "./case-rows.ts";
import type { CaseSide, TeacherCase } from "./cases.ts";
import { infer, type Inference, type Teacher } from "./infer.ts";

/** Cases per progress report. */
const casesPerReport = 64;

/** Teacher, student, and inferences per case. */
export interface Lessons<C, K> {
  readonly teacher: Teacher<C, K>;
  readonly student: Student<C>;
  readonly inferences: number;
  readonly role: WatchedRole;
  /** What the user should know. */
  readonly notes: Pick<StageNotes, "all" | "follow">;
}

/** The rows collected so far, by table. */
interface Tables {
  readonly construction: Row[];
  readonly sft_reason: Row[];
  readonly sft_refine: Row[];
  readonly sft_reflect: Row[];
  readonly requests: Row[];
}

/**
 * Asks the teacher about every case and writes the rows, one part per table; `requests` gets none without rows.
 * All rows are held in memory, so a part should have hundreds of cases, not more.
 *
 * @param db - With the targets, the contexts and `items` of one part mounted
 * @throws `ANSWERS_PENDING`, with nothing written, once all prompts that can be asked are queued for a batch; `TOO_MANY_ERRORS`;
 *   `PROVIDER_FAILED` when the teacher has no usable answer; errors of the client that affect the whole run
 */
export async function writeConstruction<C, K>(
  db: Database,
  side: CaseSide<C, K>,
  source: ContextSource,
  { teacher, student, inferences, role, notes }: Lessons<C, K>,
  watch: AnswerWatch,
  context: TaskContext,
): Promise<readonly WrittenFile[]> {
  const { subject } = side;
  const { client } = teacher;
  const names = await sourceNames(db, context.runDir);
  const statement = sqlFile(`construct/${side.query}`);
  const [count] = await db.rows(`select count(*) as cases from (${statement})`);
  const rowsTotal = Number(count?.["cases"]);
  const tables: Tables = {
    construction: [],
    sft_reason: [],
    sft_refine: [],
    sft_reflect: [],
    requests: [],
  };
  const made = outcomeTally();
  let [rowsDone, pending, errors, retries] = [0, 0, 0, 0];

  const report = (): void => {
    const kept = tables.sft_reflect.length;
    const dropped = tables.construction.length - kept;
    const detail = {
      ...(errors > 0 && { errors: String(errors) }),
      ...(retries > 0 && { retries: String(retries) }),
      kept: String(kept),
      dropped: String(dropped),
      calls: String(tables.requests.length),
      ...(pending > 0 && { queued: String(pending) }),
    };
    context.progress({ rowsDone, rowsTotal, unit: `${subject}s`, detail, notes: notes.all() });
  };

  const keep = async (each: TeacherCase<C, K>, inference: Inference): Promise<void> => {
    const rows = inferenceRows(subject, each, inference, client.model, student);
    const failure = unanswered(inference);
    watch.note(role, failure);
    made.add("teacher", failure ?? undefined);
    if (failure !== null) {
      errors += 1;
      const nameOf = await names[subject]([each.id]);
      watch.count(`${subject} ${nameOf(each.id)}, ${failure.reason}`, failure.kind);
    }
    tables.construction.push(rows.construction);
    tables.sft_reason.push(...rows.sft_reason);
    tables.sft_refine.push(...rows.sft_refine);
    tables.sft_reflect.push(...rows.sft_reflect);
    for (const { step, call } of inference.calls) {
      tables.requests.push(requestRow(subject, each.id, step, call));
      if (!call.isCached) retries += call.attempts - 1 + (step.ask > 0 ? 1 : 0);
    }
  };

  const signal = AbortSignal.any([context.signal, watch.ended]);
  const cases = casesOf(side, source, readBatches(db, statement));
  const asked = mapOrdered(cases, client.inFlight, async (each) => ({
    each,
    told: await inferAll(each, inferences, teacher, signal),
  }));
  const unfollow = notes.follow(report);
  try {
    for await (const { each, told } of asked) {
      if (told === null) pending += 1;
      else for (const inference of told) await keep(each, inference);
      rowsDone += 1;
      if (rowsDone % casesPerReport !== 0) continue;
      report();
      // With cached answers the event loop never turns, so an abort would never be seen.
      await setImmediate();
      context.signal.throwIfAborted();
    }
  } finally {
    unfollow();
  }
  report();
  if (pending > 0) {
    throw new FlowError(
      "ANSWERS_PENDING",
      `${pending} of ${rowsTotal} ${subject}s wait for the teacher's answers by batch`,
    );
  }
  const outcomes = made.outcomes();
  const files = await writeTables(db, tables, context);
  if (outcomes === undefined) return files;
  return files.map((file) => (file.table === "construction" ? { ...file, outcomes } : file));
}

/** The first step of an inference that has no usable answer, if any. */
function unanswered({ answers }: Inference): { kind: FaultKind; reason: string } | null {
  for (const step of ["reason", "reflect", "refine"] as const) {
    const parsed = answers[step];
    if (parsed === undefined || parsed.status === "read") continue;
    return { kind: parsed.status, reason: `${step}: ${parsed.reason}` };
  }
  return null;
}

async function* casesOf<C, K>(
  { cases }: CaseSide<C, K>,
  source: ContextSource,
  batches: AsyncIterable<RecordBatch>,
): AsyncGenerator<TeacherCase<C, K>> {
  for await (const batch of batches) yield* cases(batch, source);
}

/** All inferences about a case, or null when one waits for a batch; the others are still queued. */
async function inferAll<C, K>(
  each: TeacherCase<C, K>,
  inferences: number,
  teacher: Teacher<C, K>,
  signal: AbortSignal,
): Promise<readonly Inference[] | null> {
  const attempt = async (sample: number): Promise<Inference | null> => {
    try {
      return await infer(each, sample, teacher, signal);
    } catch (thrown) {
      if (thrown instanceof AnswerPending) return null;
      throw thrown;
    }
  };
  const told = await waitForAll(Array.from({ length: inferences }, (_, sample) => attempt(sample)));
  const complete = told.filter((inference) => inference !== null);
  return complete.length === told.length ? complete : null;
}

async function writeTables(
  db: Database,
  tables: Tables,
  context: TaskContext,
): Promise<readonly WrittenFile[]> {
  const files: WrittenFile[] = [];
  for (const [table, rows] of Object.entries<readonly Row[]>({ ...tables })) {
    if (rows.length === 0 && table === "requests") continue;
    files.push(await writeBatches(db, table, [batchFromRows(table, rows)], context));
  }
  return files;
}
