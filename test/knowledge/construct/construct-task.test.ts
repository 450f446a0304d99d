import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { toJson } from "../../../src/base/json.ts";
import type { FileRef, TaskContext } from "../../../src/flow/task.ts";
import { construct } from "../../../src/knowledge/construct/construct-task.ts";
import { constructSettings } from "../../../src/knowledge/construct/settings.ts";
import { knowledgeSettings } from "../../../src/knowledge/settings.ts";
import type { Row } from "../../../src/tables/database.ts";
import { quote } from "../../../src/tables/quote.ts";
import { startChatServer, type ChatBody, type ChatServer } from "../../util/chat-server.ts";
import { at, makeRunTable } from "../../util/hand-made-table.ts";
import { taskContext } from "../../util/hand-made-task.ts";
import { useMemoryDatabase } from "../../util/memory-database.ts";
import { knowledge, reasonable, unreasonable } from "./scripted-teacher.ts";

const memory = useMemoryDatabase();

async function part(table: string): Promise<FileRef> {
  const path = `${table}.parquet`;
  await memory.db.run(`copy ${table} to ${quote(join(memory.dir, path))} (format parquet)`);
  return { table, path, rows: 0, bytes: 0, sha256: "" };
}

/** Users 1 to 30 with one rating and the target "Target u", liked by users of odd id. */
async function makeInputs(): Promise<Readonly<Record<string, readonly FileRef[]>>> {
  const users = Array.from({ length: 30 }, (_, k) => 1 + k);
  await makeRunTable(memory.db, "items", [
    { item_id: 99, title: "Brazil", year: 1985, attributes: { genre: ["War"] } },
    ...users.map((user) => ({ item_id: user, title: `Target ${user}`, attributes: {} })),
  ]);
  await makeRunTable(
    memory.db,
    "user_contexts",
    users.map((user_id) => ({
      user_id,
      last_ts: at(1),
      history_items: [99],
      history_ratings: [user_id / 10],
    })),
  );
  await makeRunTable(
    memory.db,
    "user_targets",
    users.map((user_id) => ({ user_id, item_id: user_id, label: user_id % 2, ts: at(2) })),
  );
  return {
    user_targets: [await part("user_targets")],
    user_contexts: [await part("user_contexts")],
    items: [await part("items")],
  };
}

/** Expects everyone to like their target; rejects its text about users of even id, and then thinks again about every fourth. */
function teach({ messages }: ChatBody): string {
  const first = messages[1]?.content ?? "";
  const user = Number(/"target": \{"title":"Target (\d+)"/.exec(first)?.[1]);
  if (!first.includes('"description":')) return knowledge("like", "Likes what is bold.");
  if (first.includes('"reflection":')) {
    return knowledge(user % 4 === 0 ? "dislike" : "like", "Likes what is quiet.");
  }
  return user % 2 === 0 ? unreasonable("Nothing bold in it.") : reasonable;
}

/** A context whose shared things are closed when the test ends. */
function sharingContext(): TaskContext {
  const made = new Map<string, Promise<{ close(): Promise<void> }>>();
  onTestFinished(async () => {
    for (const each of made.values()) await (await each).close();
  });
  return {
    ...taskContext(memory.dir),
    shared: async (key, create) => {
      const known = made.get(key);
      if (known === undefined) made.set(key, create());
      return (await made.get(key)) as Awaited<ReturnType<typeof create>>;
    },
  };
}

async function run(
  server: ChatServer,
  inputs: Readonly<Record<string, readonly FileRef[]>>,
): Promise<Readonly<Record<string, readonly Row[]>>> {
  const files = await construct(
    {
      stage: "construct",
      index: 0,
      key: "",
      module: "knowledge/construct/construct-task",
      export: "construct",
      config: {},
      runtime: toJson({
        knowledge: knowledgeSettings.parse({}),
        construct: constructSettings.parse({
          teacher: { provider: "openai", model: "teacher", baseUrl: server.url },
        }),
        positiveAbove: 3,
      }),
      params: { subject: "user" },
      outputs: ["construction", "sft_reason", "sft_refine", "sft_reflect", "requests"],
      inputs,
    },
    sharingContext(),
  );
  const tables: Record<string, readonly Row[]> = {};
  for (const { table, path } of files) {
    tables[table] = await memory.db.rows(`from read_parquet(${quote(path)})`);
  }
  return tables;
}

const counted = (tables: Readonly<Record<string, readonly Row[]>>) =>
  Object.fromEntries(Object.entries(tables).map(([table, rows]) => [table, rows.length]));

test("a teacher at a server with faults: every inference is routed, and nothing is paid for twice", async () => {
  const inputs = await makeInputs();
  const server = await startChatServer({
    answer: teach,
    fault: ({ n }) => (n % 10 === 3 ? { kind: "500" } : null),
  });
  onTestFinished(server.close);
  const tables = await run(server, inputs);
  // Two inferences each. 15 odd users are right and reasonable: 30 lessons in reasoning. Of 15 even ones, all wrong and
  // unreasonable, 7 (4, 8, ... 28) are put right: 14 lessons in refining; 8 stay wrong: 16 dropped.
  expect(counted(tables)).toEqual({
    construction: 60,
    sft_reason: 30,
    sft_refine: 14,
    sft_reflect: 44,
    requests: 15 * 2 * 2 + 15 * 2 * 3,
  });
  const dropped = tables["construction"]?.filter(({ route }) => route === "dropped") ?? [];
  expect(dropped.map(({ drop_reason }) => drop_reason)).toEqual(
    Array.from({ length: 16 }, () => "still_wrong"),
  );
  expect(server.counts.get("answered")).toBe(150);

  const again = await run(server, inputs);
  expect(server.counts.get("answered")).toBe(150);
  const { requests, ...lessons } = tables;
  const { requests: cached, ...sameLessons } = again;
  expect(sameLessons).toEqual(lessons);
  expect(requests?.every(({ is_cached }) => is_cached === false)).toBe(true);
  expect(cached?.every(({ is_cached }) => is_cached === true)).toBe(true);
});
