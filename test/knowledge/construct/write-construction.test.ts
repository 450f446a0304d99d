import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FlowError } from "../../../src/base/errors.ts";
import { writeStageManifest } from "../../../src/flow/stage-manifest.ts";
import { parseJudgement } from "../../../src/knowledge/chat/parse-judgement.ts";
import { parseKnowledge } from "../../../src/knowledge/chat/parse-knowledge.ts";
import { itemCases, userCases } from "../../../src/knowledge/construct/cases.ts";
import { writeConstruction } from "../../../src/knowledge/construct/write-construction.ts";
import type { Prompt } from "../../../src/knowledge/chat/prompts.ts";
import type { Item, Rated } from "../../../src/knowledge/contexts/contexts.ts";
import { loadItems } from "../../../src/knowledge/contexts/load-items.ts";
import { domainNouns } from "../../../src/knowledge/domain-nouns.ts";
import { AnswerPending } from "../../../src/llm/chat.ts";
import type { Row } from "../../../src/tables/database.ts";
import { quote } from "../../../src/tables/quote.ts";
import { sqlFile } from "../../../src/tables/sql-file.ts";
import { at, makeRunTable, type Cell } from "../../util/hand-made-table.ts";
import { filesUnder, taskContext } from "../../util/hand-made-task.ts";
import { useMemoryDatabase } from "../../util/memory-database.ts";
import {
  knowledge,
  reasonable,
  scriptedTeacher,
  unreasonable,
  type Plan,
  type ScriptedTeacher,
} from "./scripted-teacher.ts";
import { fileRef } from "../../util/file-ref.ts";

const memory = useMemoryDatabase();
const nouns = domainNouns("film", "viewer");
const errors: string[] = [];
/** By different rules, to tell them apart: a token a word, or a token a text. */
const counters = {
  actor: { method: "exact", count: (text: string) => text.split(/\s+/u).length },
  reflector: { method: "estimated", count: () => 1 },
} as const;
const validation = 0.2;
const watch = {
  count: (what: string) => void errors.push(what),
  note: () => undefined,
  ended: new AbortController().signal,
  close: () => Promise.resolve(),
};

type Output = "construction" | "sft_reason" | "sft_refine" | "sft_reflect" | "requests";

/** Runs one part and gives its tables; those without a part are empty. */
async function construct(
  subject: "user" | "item",
  { client }: ScriptedTeacher,
  askAgain = 1,
): Promise<Readonly<Record<Output, readonly Row[]>>> {
  errors.length = 0;
  const { items } = await loadItems(memory.db, { attributes: "all", itemCharacters: 10_000 });
  const source = { items, positiveAbove: 3 };
  const lessonsOf = <T>(prompts: T) => ({
    teacher: { client, prompts, askAgain },
    student: { prompts, form: "tags" as const, counters, validation },
    inferences: 2,
    role: { who: "the teacher", setting: "construct.teacher", model: "m" },
    notes: { all: () => [], follow: () => () => undefined },
  });
  const context = taskContext(memory.dir);
  const { db } = memory;
  const files =
    subject === "user"
      ? await writeConstruction(
          db,
          userCases,
          source,
          lessonsOf(userCases.prompts(nouns, "tags")),
          watch,
          context,
        )
      : await writeConstruction(
          db,
          itemCases,
          source,
          lessonsOf(itemCases.prompts(nouns, "tags")),
          watch,
          context,
        );
  const rowsOf = async (table: Output): Promise<readonly Row[]> => {
    const file = files.find((each) => each.table === table);
    return file === undefined ? [] : db.rows(`from read_parquet(${quote(file.path)})`);
  };
  return {
    construction: await rowsOf("construction"),
    sft_reason: await rowsOf("sft_reason"),
    sft_refine: await rowsOf("sft_refine"),
    sft_reflect: await rowsOf("sft_reflect"),
    requests: await rowsOf("requests"),
  };
}

/** Users 1 to n who rated items 501 and 502; the target of user u is item u, liked by users of odd id. */
async function makeUsers(count: number): Promise<void> {
  const users = Array.from({ length: count }, (_, k) => 1 + k);
  await makeRunTable(memory.db, "items", [
    { item_id: 501, title: "Brazil", year: 1985, attributes: { genre: ["War"] } },
    { item_id: 502, title: "Heat", year: 1995, attributes: {} },
    ...users.map((user) => ({ item_id: user, title: `Target ${user}`, attributes: {} })),
  ]);
  await makeRunTable(
    memory.db,
    "user_contexts",
    users.map((user_id) => ({
      user_id,
      last_ts: at(1),
      history_items: [501, 502],
      history_ratings: [5, 1],
    })),
  );
  await makeRunTable(
    memory.db,
    "user_targets",
    users.map((user_id) => ({ user_id, item_id: user_id, label: user_id % 2, ts: at(2) })),
  );
}

const userId = /"target": \{"title":"Target (\d+)"/;

const likes = (text: string) => knowledge("like", text);
const dislikes = (text: string) => knowledge("dislike", text);
const mute = "I would rather not say.";

/** Two inferences about each of nine users; all that can happen. Odd users like their target, even ones do not. */
const plans: Readonly<Record<number, readonly Plan[]>> = {
  1: [
    { reason: likes("two words"), reflect: reasonable },
    { reason: likes("three such words"), reflect: reasonable },
  ],
  2: [
    { reason: dislikes("ka kb"), reflect: unreasonable("r1") },
    { reason: likes("ka kb"), reflect: reasonable },
  ],
  3: [
    { reason: dislikes("ka kb"), reflect: unreasonable("r1 r2 r3"), refine: likes("ka kb kc kd") },
    { reason: dislikes("ka kb"), reflect: unreasonable("r1"), refine: dislikes("kc kd") },
  ],
  4: [
    { reason: dislikes("Expects little of target 4.") },
    { reason: likes("ka kb"), reflect: unreasonable("TARGET 4 says otherwise") },
  ],
  5: [
    { reason: dislikes("ka kb"), reflect: unreasonable("r1"), refine: likes("as with Target  5") },
    { reason: mute },
  ],
  6: [
    { reason: dislikes("ka kb"), reflect: mute },
    { reason: likes("ka kb"), reflect: unreasonable("r1"), refine: mute },
  ],
  7: [{ reason: { fault: "filtered" } }, { reason: likes("ka kb"), reflect: { fault: "length" } }],
  8: [
    { reason: likes("ka kb"), reflect: unreasonable("r1"), refine: { fault: "rejected" } },
    { reason: { fault: "empty" } },
  ],
  9: [{ reason: { fault: "failed" } }, { reason: [mute, likes("at last")], reflect: reasonable }],
};

describe("writeConstruction about users", () => {
  test("every inference is accounted for, with what it said and where it went", async () => {
    await makeUsers(9);
    const { construction } = await construct("user", scriptedTeacher(plans, userId));
    const columns = ["verdict", "judgement", "refined_verdict", "route", "drop_reason", "words"];
    expect(
      construction.map((row) => [
        `${String(row["subject_id"])}/${String(row["sample"])}`,
        ...columns.map((name) => row[name]),
      ]),
    ).toEqual([
      ["1/0", 1, "reasonable", null, "reason", null, 2],
      ["1/1", 1, "reasonable", null, "reason", null, 3],
      ["2/0", 0, "unreasonable", null, "dropped", "unreasonable_but_right", null],
      ["2/1", 1, "reasonable", null, "dropped", "reasonable_but_wrong", null],
      ["3/0", 0, "unreasonable", 1, "refine", null, 4],
      ["3/1", 0, "unreasonable", 0, "dropped", "still_wrong", null],
      ["4/0", 0, null, null, "dropped", "target_in_text", null],
      ["4/1", 1, "unreasonable", null, "dropped", "target_in_text", null],
      ["5/0", 0, "unreasonable", 1, "dropped", "target_in_text", null],
      ["5/1", null, null, null, "dropped", "unreadable", null],
      ["6/0", 0, null, null, "dropped", "unreadable", null],
      ["6/1", 1, "unreasonable", null, "dropped", "unreadable", null],
      ["7/0", null, null, null, "dropped", "filtered", null],
      ["7/1", 1, null, null, "dropped", "length", null],
      ["8/0", 1, "unreasonable", null, "dropped", "rejected", null],
      ["8/1", null, null, null, "dropped", "empty", null],
      ["9/0", null, null, null, "dropped", "failed", null],
      ["9/1", 1, "reasonable", null, "reason", null, 2],
    ]);
  });

  test("errors name users as the source does where a dictionary numbers them", async () => {
    await makeUsers(5);
    await mkdir(join(memory.dir, "tables"), { recursive: true });
    await memory.db.run(
      `copy (select 5::integer as user_id, 'ada' as source_id) to ${quote(join(memory.dir, "tables/d.parquet"))} (format parquet)`,
    );
    await writeStageManifest(memory.dir, {
      ...{ stage: "ingest", key: "", inputs: [], outputs: [], tasks: 1, taskSeconds: 0 },
      files: [fileRef(memory.dir, "user_dictionary", "tables/d.parquet", 1)],
    });
    await construct("user", scriptedTeacher(plans, userId));
    expect(errors.map(withoutVersion)).toEqual([
      "user ada, reason: could not read 2 answers to user-construct-reason",
    ]);
  });

  test("drops are counted by reason, and what was not answered is an error", async () => {
    await makeUsers(9);
    const { construction } = await construct("user", scriptedTeacher(plans, userId));
    await makeRunTable(memory.db, "construction", construction.map(cells));
    expect(await memory.db.rows(sqlFile("construct/drop_counts"))).toEqual(
      [
        ["dropped", "empty", 1],
        ["dropped", "failed", 1],
        ["dropped", "filtered", 1],
        ["dropped", "length", 1],
        ["dropped", "reasonable_but_wrong", 1],
        ["dropped", "rejected", 1],
        ["dropped", "still_wrong", 1],
        ["dropped", "target_in_text", 3],
        ["dropped", "unreadable", 3],
        ["dropped", "unreasonable_but_right", 1],
        ["reason", null, 3],
        ["refine", null, 1],
      ].map(([route, drop_reason, samples]) => ({ subject: "user", route, drop_reason, samples })),
    );
    expect(errors.map(withoutVersion)).toEqual([
      "user 5, reason: could not read 2 answers to user-construct-reason",
      "user 6, reflect: could not read 2 answers to user-construct-reflect",
      "user 6, refine: could not read 2 answers to user-construct-refine",
      "user 7, reason: the filtered one",
      "user 7, reflect: the length one",
      "user 8, refine: the rejected one",
      "user 8, reason: the empty one",
      "user 9, reason: the failed one",
    ]);
    expect(construction.filter(({ error }) => error !== null)).toHaveLength(errors.length);
    expect(construction[4]).toMatchObject({ label: 1, model: "teacher-1", error: null });
    const versions = construction.map((row) => withoutVersion(row["prompt_version"]));
    expect(versions.slice(3, 5)).toEqual(["user-construct-reflect", "user-construct-refine"]);
  });

  test("each call is a request; an answer that cannot be read is asked for again", async () => {
    await makeUsers(9);
    const teacher = scriptedTeacher(plans, userId);
    const { requests } = await construct("user", teacher);
    // Users 1 to 9: 2+2, 2+2, 3+3, 1+2, 3+2, 3+4, 1+2, 3+1, 1+3.
    expect(requests).toHaveLength(40);
    expect(teacher.asked).toHaveLength(40);
    const short = requests.filter(({ subject_id }) => subject_id === 6);
    expect(
      short
        .map(({ sample, round, role, task, ask }) => [sample, round, role, task, ask].join(" "))
        .sort(),
    ).toEqual([
      "0 0 teacher construct-reason 0",
      "0 0 teacher construct-reflect 0",
      "0 0 teacher construct-reflect 1",
      "1 0 teacher construct-reason 0",
      "1 0 teacher construct-reflect 0",
      "1 1 teacher construct-refine 0",
      "1 1 teacher construct-refine 1",
    ]);
    expect(requests.filter(({ status }) => status !== "ok")).toHaveLength(5);
  });

  test("the data sets hold the prompts of inference and what is read there, and no target", async () => {
    await makeUsers(9);
    const { sft_reason, sft_refine, sft_reflect } = await construct(
      "user",
      scriptedTeacher(plans, userId),
    );
    const history = [
      rated(501, "Brazil", 1985, { genre: ["War"] }, 5),
      rated(502, "Heat", 1995, {}, 1),
    ];
    const context = { userId: 1, until: "2000-01-01", history };
    const prompts = userCases.prompts(nouns, "tags");
    const wordsIn = ({ messages }: Prompt): number =>
      messages.reduce((all, { content }) => all + content.split(/\s+/u).length, 0);
    const promptOf = (prompt: Prompt, words = 0) => ({
      messages: JSON.stringify(prompt.messages),
      prompt_version: prompt.promptVersion,
      words,
      tokens: wordsIn(prompt) + words + 4 * 3,
      counted: "exact",
    });
    // By its hash, user 1 is at 0.171 and among the first fifth; users 3 and 9 are at 0.769 and 0.637.
    const place = (subject_id: number, sample: number) => ({
      ...{ subject: "user", subject_id, sample },
      split: subject_id === 1 ? "valid" : "train",
    });

    expect(sft_reason).toEqual([
      { ...place(1, 0), completion: "two words", ...promptOf(prompts.reason(context), 2) },
      {
        ...place(1, 1),
        completion: "three such words",
        ...promptOf(prompts.reason(context), 3),
      },
      { ...place(9, 1), completion: "at last", ...promptOf(prompts.reason(context), 2) },
    ]);
    expect(sft_refine).toEqual([
      {
        ...place(3, 0),
        completion: "ka kb kc kd",
        ...promptOf(prompts.refine(context, "ka kb", "r1 r2 r3"), 4),
      },
    ]);
    expect(
      sft_reflect.map(({ subject_id, sample, judgement, words, messages }) => [
        `${String(subject_id)}/${String(sample)}`,
        judgement,
        words,
        messages,
      ]),
    ).toEqual([
      ["1/0", "reasonable", 0, promptOf(prompts.reflect(context, "two words")).messages],
      ["1/1", "reasonable", 0, promptOf(prompts.reflect(context, "three such words")).messages],
      ["3/0", "unreasonable", 3, promptOf(prompts.reflect(context, "ka kb")).messages],
      ["9/1", "reasonable", 0, promptOf(prompts.reflect(context, "at last")).messages],
    ]);
    // One token a text and four for the template: two messages and the answer.
    expect(sft_reflect.map(({ split, tokens, counted }) => [split, tokens, counted])).toEqual([
      ["valid", 15, "estimated"],
      ["valid", 15, "estimated"],
      ["train", 15, "estimated"],
      ["train", 15, "estimated"],
    ]);
    expect(sft_reflect.map(({ completion }) => parseJudgement(String(completion)))).toEqual([
      { judgement: "reasonable", reflection: null },
      { judgement: "reasonable", reflection: null },
      { judgement: "unreasonable", reflection: "r1 r2 r3" },
      { judgement: "reasonable", reflection: null },
    ]);
    for (const row of [...sft_reason, ...sft_refine]) {
      expect(parseKnowledge(String(row["completion"]))).toBe(row["completion"]);
    }
    for (const row of [...sft_reason, ...sft_refine, ...sft_reflect]) {
      expect(JSON.stringify(row)).not.toMatch(/target/iu);
    }
  });

  test("the label is in no prompt: the same questions about a target liked and one disliked", async () => {
    await makeUsers(1);
    const kept = { 1: [plans[1]?.[0] ?? {}, plans[1]?.[1] ?? {}] };
    const liked = scriptedTeacher(kept, userId);
    await construct("user", liked);
    await memory.db.run("update user_targets set label = 0");
    const disliked = scriptedTeacher(kept, userId);
    const { construction } = await construct("user", disliked);
    expect(disliked.asked).toEqual(liked.asked);
    expect(construction.map(({ drop_reason }) => drop_reason)).toEqual([
      "reasonable_but_wrong",
      "reasonable_but_wrong",
    ]);
  });

  test("no answer is asked for again when none may be", async () => {
    await makeUsers(1);
    const teacher = scriptedTeacher({ 1: [{ reason: mute }, { reason: mute }] }, userId);
    const { construction } = await construct("user", teacher, 0);
    expect(teacher.asked.map(({ sample }) => sample)).toEqual([0, 1]);
    expect(withoutVersion(construction[0]?.["error"])).toBe(
      "reason: could not read the answer to user-construct-reason",
    );
  });

  test("a part without targets gives parts without rows, of all tables but the calls", async () => {
    await makeUsers(0);
    const teacher = scriptedTeacher({}, userId);
    expect((await construct("user", teacher)).construction).toEqual([]);
    expect(await filesUnder(memory.dir)).toEqual([
      "construction.parquet",
      "sft_reason.parquet",
      "sft_refine.parquet",
      "sft_reflect.parquet",
    ]);
  });

  test("answers that come by batch: everyone is asked, nothing is written, and it says how many wait", async () => {
    await makeUsers(3);
    const pending = new AnswerPending();
    const teacher = scriptedTeacher(
      {
        1: [plans[1]?.[0] ?? {}, plans[1]?.[1] ?? {}],
        2: [{ reason: pending }, { reason: likes("ka kb"), reflect: pending }],
        3: [{ reason: pending }, { reason: pending }],
      },
      userId,
    );
    await expect(construct("user", teacher)).rejects.toMatchObject({
      code: "ANSWERS_PENDING",
      message: "2 of 3 users wait for the teacher's answers by batch",
    });
    expect(teacher.asked).toHaveLength(4 + 3 + 2);
    expect(await filesUnder(memory.dir)).toEqual([]);
  });

  test("a failure of the whole run is thrown, also beside an answer that is pending", async () => {
    await makeUsers(1);
    const failure = new FlowError("PROVIDER_FAILED", "the key is wrong");
    const teacher = scriptedTeacher(
      { 1: [{ reason: new AnswerPending() }, { reason: failure }] },
      userId,
    );
    await expect(construct("user", teacher)).rejects.toBe(failure);
  });

  test("a target that is no item is an error that says so", async () => {
    await makeUsers(1);
    await memory.db.run("delete from items where item_id = 1");
    await expect(construct("user", scriptedTeacher(plans, userId))).rejects.toThrow(
      "The target of user 1 is item 1, which the table `items` does not have",
    );
  });
});

describe("writeConstruction about items", () => {
  const itemId = /"item": \{"title":"Item (\d+)"/;

  test("texts may name the item and what its viewers saw, not what the target user alone saw", async () => {
    const title = (item_id: number, text: string) => ({ item_id, title: text, attributes: {} });
    await makeRunTable(memory.db, "items", [
      title(1, "Item 1"),
      title(2, "Item 2"),
      title(11, "Brazil"),
      title(12, "Heat"),
      title(13, "Solaris"),
    ]);
    await makeRunTable(memory.db, "item_contexts", [
      { item_id: 1, liker_id: 5, liker_items: [11], liker_ratings: [5] },
      { item_id: 2, disliker_id: 6, disliker_items: [12], disliker_ratings: [5] },
    ]);
    const target = { target_user_id: 9, ts: at(2), history_ratings: [4, 2] };
    await makeRunTable(memory.db, "item_targets", [
      { item_id: 1, label: 1, ...target, history_items: [11, 13] },
      { item_id: 2, label: 0, ...target, history_items: [12, 13] },
    ]);
    const teacher = scriptedTeacher(
      {
        1: [
          { reason: likes("Item 1 pleases those who liked Brazil."), reflect: reasonable },
          { reason: likes("Item 1 pleases those who liked Solaris.") },
        ],
        2: [
          {
            reason: likes("Item 2 is loud."),
            reflect: unreasonable("Not to those who liked Heat."),
            refine: dislikes("Item 2 is slow."),
          },
          {
            reason: likes("Item 2 is loud."),
            reflect: unreasonable("Too slow."),
            refine: dislikes("A lesser SOLARIS."),
          },
        ],
      },
      itemId,
    );
    const { construction, sft_reason, sft_refine, sft_reflect, requests } = await construct(
      "item",
      teacher,
    );
    const places = (rows: readonly Row[], name: string): readonly unknown[] =>
      rows.map((row) => [row["subject"], row["subject_id"], row["sample"], row[name]]);
    expect(places(construction, "drop_reason")).toEqual([
      ["item", 1, 0, null],
      ["item", 1, 1, "target_in_text"],
      ["item", 2, 0, null],
      ["item", 2, 1, "target_in_text"],
    ]);
    expect(places(sft_reason, "completion")).toEqual([
      ["item", 1, 0, "Item 1 pleases those who liked Brazil."],
    ]);
    expect(places(sft_refine, "completion")).toEqual([["item", 2, 0, "Item 2 is slow."]]);
    expect(places(sft_reflect, "judgement")).toEqual([
      ["item", 1, 0, "reasonable"],
      ["item", 2, 0, "unreasonable"],
    ]);
    expect(requests).toHaveLength(2 + 1 + 3 + 3);
    expect(JSON.stringify([sft_reason, sft_refine, sft_reflect])).not.toContain("Solaris");
  });
});

/** An item of a history as the teacher's and the student's prompts show it. */
function rated(
  itemId: number,
  title: string,
  year: number,
  attributes: Item["attributes"],
  rating: number,
): Rated {
  return { item: { itemId, title, year, attributes }, rating, liked: rating > 3 };
}

function withoutVersion(text: unknown): string {
  return String(text).replace(/@\d+$/, "");
}

/** A row of `construction` as a hand-made table takes it. */
function cells(row: Row): Readonly<Record<string, Cell>> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === "number" || typeof value === "string" ? value : null,
    ]),
  );
}
