import type { Subject } from "../base/terms.ts";
import type { RecordBatch } from "apache-arrow";
import { z } from "zod";
import type { RunTask, TaskContext, TaskSpec, WrittenFile } from "../flow/task.ts";
import { mountTables } from "../tables/mount-tables.ts";
import { withDatabase } from "../tables/database.ts";
import {
  itemContexts,
  userContexts,
  type ContextSource,
  type ItemContext,
  type UserContext,
} from "./contexts/contexts.ts";
import { answerWatch } from "./answers/answer-watch.ts";
import { knowledgeRuntime, llmOf } from "./knowledge-runtime.ts";
import { loadUsers } from "./contexts/load-users.ts";
import { sharedItems } from "./contexts/load-items.ts";
import { domainOf } from "./domain-nouns.ts";
import { withOwnAdapters } from "./finetuned.ts";
import { openProvider, type RoleSettings } from "./providers.ts";
import type { Actor, Provider, Reflector } from "./roles.ts";
import { stageNotes } from "../flow/stage-notes.ts";
import { hasReflector, sideSettings } from "./settings.ts";
import { watchedRole } from "./answers/watched-role.ts";
import { strategies } from "./strategies.ts";
import { writeKnowledge, type Subjects } from "./write-knowledge.ts";

const taskParams = z.object({ subject: z.enum(["user", "item"]), variant: z.string() });

/** What differs between users and items. */
interface Side<C> {
  readonly subject: Subject;
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
 * Runtime {@link knowledgeRuntime}; params `{ subject: Subject, variant }` and what decides its texts; inputs
 * `<subject>_contexts`, `items`, `user_tiers` where only active users are asked about, `users` where prompts show their attributes, and
 * `adapters` where roles are played with the run's own; outputs one part of `<subject>_knowledge` and, when models
 * were called, one of `requests`. Same input, same output, with deterministic providers.
 *
 * @throws `ANSWERS_PENDING` when prompts have been queued for a batch; `TOO_MANY_ERRORS` beyond `knowledge.maxErrors`;
 * `PROVIDER_FAILED` when a role gets no usable answer; what a provider throws about the whole run
 */
export const produceKnowledge: RunTask = async (task, context) => {
  const { subject, variant } = taskParams.parse(task.params);
  return subject === "user"
    ? produce(users, variant, task, context)
    : produce(items, variant, task, context);
};

async function produce<C>(
  side: Side<C>,
  variant: string,
  task: TaskSpec,
  context: TaskContext,
): Promise<readonly WrittenFile[]> {
  const runtime = knowledgeRuntime.parse(task.runtime);
  const { knowledge, positiveAbove } = runtime;
  const nouns = domainOf(knowledge, positiveAbove);
  return withDatabase(context, async (db) => {
    await mountTables(db, task.inputs, context.runDir);
    const { runDir } = context;
    const settings = await withOwnAdapters(db, sideSettings(knowledge, side.subject), {
      ...{ subject: side.subject, runDir },
    });
    const items = await sharedItems(db, knowledge, context);
    const users = task.inputs["users"] === undefined ? null : await loadUsers(db, knowledge);
    const source = { items, positiveAbove, ...(users && { users }) };
    const watch = await answerWatch(knowledge, context);
    const notes = await stageNotes(context);
    const signal = AbortSignal.any([context.signal, watch.ended]);
    const openRole = (role: RoleSettings): Promise<Provider> =>
      openProvider(role, nouns, {
        llm: () => llmOf(runtime, context),
        style: settings.strategy === "kar" ? "kar" : "reason",
        say: notes.say,
      });
    const actors = await openRole(settings.actor);
    const reflectors = hasReflector(settings.strategy)
      ? await openRole(settings.reflector)
      : actors;
    return await writeKnowledge(db, contextsOf(side, variant, source, task), watch, context, {
      roleOf: (role) => watchedRole(knowledge, side.subject, role),
      notes,
      inFlight: Math.max(actors.inFlight, reflectors.inFlight),
      ask: (subject) =>
        strategies[settings.strategy](subject, {
          actor: side.actorOf(actors),
          reflector: side.reflectorOf(reflectors),
          rounds: settings.rounds,
          judgeLast: settings.judgeLast,
          samples: settings.samples,
          signal,
        }),
    });
  });
}

function contextsOf<C>(
  side: Side<C>,
  variant: string,
  source: ContextSource,
  task: TaskSpec,
): Subjects<C> {
  const { subject, contexts, idOf } = side;
  const isActiveOnly = task.inputs["user_tiers"] !== undefined;
  return {
    subject,
    variant,
    query: isActiveOnly ? "active_user_contexts" : `${subject}_contexts`,
    contexts: (batch) => contexts(batch, source),
    idOf,
  };
}
