import { pipeline } from "node:stream/promises";
import { setImmediate } from "node:timers/promises";
import type { RecordBatch } from "apache-arrow";
import { z } from "zod";
import type { RunTask, TaskContext, TaskSpec, WrittenFile } from "../flow/task.ts";
import { batchFromRows } from "../tables/batch-from-rows.ts";
import { openDatabase, type Database, type Row } from "../tables/database.ts";
import { mountTables } from "../tables/mount-tables.ts";
import { readBatches } from "../tables/read-batches.ts";
import { sqlFile } from "../tables/sql-file.ts";
import { writeBatches } from "../tables/write-batches.ts";
import {
  itemContexts,
  userContexts,
  type ContextSource,
  type ItemContext,
  type UserContext,
} from "./contexts.ts";
import { iterate, type KnowledgeRow } from "./iterate.ts";
import { loadItems } from "./load-items.ts";
import { mapOrdered } from "./map-ordered.ts";
import { nounsOf, type Nouns } from "./nouns.ts";
import { openProvider, type Provider } from "./providers.ts";
import type { Actor, Reflector } from "./roles.ts";
import { knowledgeSettings, sideSettings, type RoleSettings } from "./settings.ts";

/** Configuration of the knowledge stage. */
export const knowledgeConfig = z.strictObject({
  knowledge: knowledgeSettings,
  positiveAbove: z.number().describe("A rating above this counts as liked, stars."),
});

const taskParams = z.strictObject({ subject: z.enum(["user", "item"]) });

/** Subjects between two progress reports; also the size of the batches written. */
const subjectsABatch = 256;

/** What tells users from items. */
interface Side<C> {
  readonly subject: "user" | "item";
  readonly contexts: (batch: RecordBatch, source: ContextSource) => readonly C[];
  readonly idOf: (context: C) => number;
  readonly actorOf: (provider: Provider) => Actor<C>;
  readonly reflectorOf: (provider: Provider) => Reflector<C>;
}

const users: Side<UserContext> = {
  subject: "user",
  contexts: userContexts,
  idOf: ({ userId }) => userId,
  actorOf: ({ actors }) => actors.user,
  reflectorOf: ({ reflectors }) => reflectors.user,
};

const items: Side<ItemContext> = {
  subject: "item",
  contexts: itemContexts,
  idOf: ({ itemId }) => itemId,
  actorOf: ({ actors }) => actors.item,
  reflectorOf: ({ reflectors }) => reflectors.item,
};

/**
 * Writes the knowledge about the users or items of one part of `user_contexts` or `item_contexts`.
 *
 * Config {@link knowledgeConfig}; params `{ subject: "user" | "item" }`; inputs `<subject>_contexts` and `items`;
 * output one part of `<subject>_knowledge`. Same input, same output, with a deterministic provider.
 */
export const produceKnowledge: RunTask = async (task, context) => {
  const { subject } = taskParams.parse(task.params);
  return [
    await (subject === "user" ? produce(users, task, context) : produce(items, task, context)),
  ];
};

async function produce<C>(
  side: Side<C>,
  task: TaskSpec,
  context: TaskContext,
): Promise<WrittenFile> {
  const { knowledge, positiveAbove } = knowledgeConfig.parse(task.config);
  const settings = sideSettings(knowledge, side.subject);
  const nouns = nounsOf(knowledge.itemNoun, knowledge.personNoun);
  const db = await openDatabase(context);
  try {
    await mountTables(db, task.inputs, context.runDir);
    const source = { items: await loadItems(db, knowledge.attributes), positiveAbove };
    const write = (steps: Steps<C>): Promise<WrittenFile> =>
      writeKnowledge(db, side, source, steps, task, context);
    return await withProvider(settings.actor, nouns, (actors) =>
      withProvider(settings.reflector, nouns, (reflectors) =>
        write({
          inFlight: Math.max(actors.inFlight, reflectors.inFlight),
          run: (subject) =>
            iterate(subject, {
              actor: side.actorOf(actors),
              reflector: side.reflectorOf(reflectors),
              rounds: settings.rounds,
              ask: { signal: context.signal },
            }),
        }),
      ),
    );
  } finally {
    db.close();
  }
}

/** A strategy bound to its roles. */
interface Steps<C> {
  readonly inFlight: number;
  readonly run: (subject: C) => Promise<readonly KnowledgeRow[]>;
}

async function withProvider<T>(
  settings: RoleSettings,
  nouns: Nouns,
  use: (provider: Provider) => Promise<T>,
): Promise<T> {
  const provider = await openProvider(settings, nouns);
  try {
    return await use(provider);
  } finally {
    await provider.close();
  }
}

async function writeKnowledge<C>(
  db: Database,
  { subject, contexts, idOf }: Side<C>,
  source: ContextSource,
  { inFlight, run }: Steps<C>,
  task: TaskSpec,
  context: TaskContext,
): Promise<WrittenFile> {
  const table = `${subject}_knowledge`;
  const parts = task.inputs[`${subject}_contexts`] ?? [];
  const rowsTotal = parts.reduce((total, part) => total + part.rows, 0);
  let rowsDone = 0;
  let judged = 0;
  let rejected = 0;
  let errors = 0;

  const report = (): void => {
    const detail = {
      ...(judged === 0 ? {} : { unreasonable: `${Math.round((100 * rejected) / judged)} %` }),
      ...(errors === 0 ? {} : { errors: String(errors) }),
    };
    context.progress({ rowsDone, rowsTotal, unit: `${subject}s`, detail });
  };

  async function* subjects(batches: AsyncIterable<RecordBatch>): AsyncGenerator<C> {
    for await (const batch of batches) yield* contexts(batch, source);
  }

  async function* knowledge(batches: AsyncIterable<RecordBatch>): AsyncGenerator<RecordBatch> {
    const answered = mapOrdered(subjects(batches), inFlight, async (each) => ({
      id: idOf(each),
      steps: await run(each),
    }));
    let rows: Row[] = [];
    for await (const { id, steps } of answered) {
      rows.push(...steps.map((step) => ({ [`${subject}_id`]: id, ...step })));
      judged += steps.filter(({ judgement }) => judgement !== null).length;
      rejected += steps.filter(({ judgement }) => judgement === "unreasonable").length;
      errors += steps.filter(({ error }) => error !== null).length;
      rowsDone += 1;
      if (rowsDone % subjectsABatch !== 0) continue;
      yield batchFromRows(table, rows);
      rows = [];
      report();
      // A provider that answers at once never lets the event loop turn, and then no abort would arrive.
      await setImmediate();
      context.signal.throwIfAborted();
    }
    if (rows.length > 0) yield batchFromRows(table, rows);
    report();
  }

  const query = sqlFile(`knowledge/${subject}_contexts`);
  let written: WrittenFile | undefined;
  await pipeline(
    readBatches(db, query),
    knowledge,
    async (batches: AsyncIterable<RecordBatch>) => {
      written = await writeBatches(db, table, batches, context);
    },
    { signal: context.signal },
  );
  if (written === undefined) throw new Error(`internal: no part of ${table} was written`);
  return written;
}
