import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { FlowError } from "../../src/base/errors.ts";
import { runTask } from "../../src/flow/run-task.ts";
import type { TaskSpec } from "../../src/flow/task.ts";
import { datasetTask, filesUnder, makeFolder, taskSite } from "../util/hand-made-task.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

type Files = Readonly<Record<string, string | Uint8Array>>;

/** Runs a task that must fail with INPUT_INVALID and leave nothing behind; returns its message. */
async function refusal(task: TaskSpec, runDir: string): Promise<string> {
  const before = await filesUnder(runDir);
  const error: unknown = await runTask(task, taskSite(runDir)).then(
    () => "the task succeeded",
    (thrown: unknown) => thrown,
  );
  expect(await filesUnder(runDir)).toEqual(before);
  if (!(error instanceof FlowError)) throw new Error(`expected a FlowError, got ${String(error)}`);
  expect(error.code).toBe("INPUT_INVALID");
  return error.message;
}

const ingestTask = (path: string): TaskSpec =>
  datasetTask("ingest", { dataset: { source: "movielens", path } });

/** The message for a folder of these files, with the folder's path left out. */
async function refusalOf(files: Files): Promise<string> {
  const path = await makeFolder(join(memory.dir, "source"), files);
  const message = await refusal(ingestTask(path), join(memory.dir, "run"));
  return message.replaceAll(`${path}/`, "").replaceAll(path, "the folder");
}

const fix =
  "Fix or remove them and run again; --set dataset.onBadRow=skip leaves out at most 1 % of a file's lines.";
const good = {
  "ratings.dat": "1::10::5::978300760\n1::20::3::978302109\n",
  "movies.dat": "10::Heat (1995)::Action\n20::Fargo (1996)::Crime\n",
  "users.dat": "1::F::1::10::48067\n",
};
const goodCsv = {
  "ratings.csv": "userId,movieId,rating,timestamp\n1,10,5,978300760\n",
  "movies.csv": "movieId,title,genres\n10,Heat (1995),Action\n",
};

test("the files that the cases below spoil are good themselves", async () => {
  for (const [name, files] of Object.entries({ good, goodCsv })) {
    const path = await makeFolder(join(memory.dir, name), files);
    const { files: parts } = await runTask(
      ingestTask(path),
      taskSite(join(memory.dir, "run", name)),
    );
    expect(parts.map((part) => part.table)).toEqual([
      ...["interactions", "items", "rejects", "ingest_counts", "users"],
    ]);
  }
});

describe("a folder that holds no data", () => {
  test("a missing folder", async () => {
    const nowhere = join(memory.dir, "nowhere");
    expect(await refusal(ingestTask(nowhere), join(memory.dir, "run"))).toBe(
      `dataset.path: cannot read the folder ${nowhere}; set it to an unpacked MovieLens folder`,
    );
  });

  test("a folder of something else", async () => {
    expect(await refusalOf({ "notes.txt": "hello" })).toBe(
      "the folder is not a MovieLens folder: expected ratings.dat and movies.dat, or u.data and u.item, or ratings.csv and movies.csv. " +
        "Get one from grouplens.org/datasets/movielens and set dataset.path to it.",
    );
  });

  test("a missing item file", async () => {
    expect(await refusalOf({ "ratings.dat": good["ratings.dat"] })).toBe(
      "the folder has ratings.dat (ML-1M layout) but no movies.dat; both are needed",
    );
  });

  test.each(["ratings.dat", "movies.dat"])("an empty %s", async (name) => {
    expect(await refusalOf({ ...good, [name]: "" })).toBe(
      `${name} is empty; unpack or download the data again`,
    );
  });

  test("ratings packed from an empty file, or with nothing but a header", async () => {
    const { "movies.dat": movies } = good;
    const packed = { "ratings.dat.gz": gzipSync(""), "movies.dat": movies };
    expect(await refusalOf(packed)).toMatch(/^ratings.dat.gz holds no ratings; unpack or download/);
  });

  test("ratings with nothing but a header", async () => {
    const header = { "ratings.csv": "userId,movieId,rating,timestamp\n" };
    expect(await refusalOf({ ...goodCsv, ...header })).toMatch(/^ratings.csv holds no ratings; /);
  });

  test("ratings that are no gzip although they are called so", async () => {
    const { "movies.dat": movies, "ratings.dat": ratings } = good;
    const message = await refusalOf({ "ratings.dat.gz": ratings, "movies.dat": movies });
    expect(message).toBe("ratings.dat.gz is not compressed, but its name ends in .gz: rename it");
  });
});

describe("a faulty line among the ratings", () => {
  // The fault is on line 3 of each file.
  test.each([
    {
      fault: "too few fields",
      line: "2::10",
      reason: "the line lacks fields: 2::10",
    },
    {
      fault: "an empty field",
      line: "2::10::::978300760",
      reason: "lacks one of its 4 fields (user, item, rating, time): 2 | 10 | 978300760",
    },
    {
      fault: "a user id that is no number",
      line: "bob::10::5::978300760",
      reason: "the user id 'bob' is not an integer from 1 to 2147483647: bob | 10 | 5 | 978300760",
    },
    {
      fault: "an item id that is no whole number",
      line: "2::10.5::5::978300760",
      reason: "the item id '10.5' is not an integer from 1 to 2147483647: 2 | 10.5 | 5 | 978300760",
    },
    {
      fault: "a rating that is no number",
      line: "2::10::good::978300760",
      reason: "the rating 'good' is not a number: 2 | 10 | good | 978300760",
    },
    {
      fault: "a rating out of range",
      line: "2::10::6::978300760",
      reason: "the rating 6 is outside 0.5 to 5: 2 | 10 | 6 | 978300760",
    },
    {
      fault: "a bad time",
      line: "2::10::5::31-12-2000",
      reason: "the time '31-12-2000' is not in seconds since 1970: 2 | 10 | 5 | 31-12-2000",
    },
  ])("$fault", async ({ line, reason }) => {
    const ratings = `${good["ratings.dat"]}${line}\n2::20::4::978300761\n`;
    expect(await refusalOf({ ...good, "ratings.dat": ratings })).toBe(
      `ratings.dat: 1 faulty line(s):\n  line 3: ${reason}\n${fix}`,
    );
  });

  test("too many fields", async () => {
    const ratings = `${good["ratings.dat"]}2::10::5::978300760::extra\n`;
    expect(await refusalOf({ ...good, "ratings.dat": ratings })).toBe(
      `ratings.dat: 1 faulty line(s):\n  line 3: the line has too many fields: 2::10::5::978300760::extra\n${fix}`,
    );
  });

  test("an opening quote without its end", async () => {
    const ratings = `${goodCsv["ratings.csv"]}1,"10,4,978300761\n1,10,4,978300762\n`;
    expect(await refusalOf({ ...goodCsv, "ratings.csv": ratings })).toBe(
      `ratings.csv: 1 faulty line(s):\n  line 3: a quote is never closed: 1,"10,4,978300761\n${fix}`,
    );
  });

  test("many: the first three are shown, all are counted", async () => {
    const lines = Array.from({ length: 9 }, (_, k) => `x${k}::10::5::978300760\n`).join("");
    const message = await refusalOf({ ...good, "ratings.dat": good["ratings.dat"] + lines });
    expect(message).toMatch(/^ratings.dat: 9 faulty line\(s\):\n {2}line 3: .*x0.*\n {2}line 4: /);
    expect(message.split("\n")).toHaveLength(5);
  });

  test("below a header the header counts as line 1", async () => {
    const ratings = `${goodCsv["ratings.csv"]}2,10,5.5,978300760\n`;
    expect(await refusalOf({ ...goodCsv, "ratings.csv": ratings })).toMatch(
      /\n {2}line 3: the rating 5.5 is outside 0.5 to 5: /,
    );
    const surplus = `${goodCsv["ratings.csv"]}2,10,5,978300760,extra\n`;
    expect(await refusalOf({ ...goodCsv, "ratings.csv": surplus })).toMatch(
      /\n {2}line 3: the line has too many fields: /,
    );
  });

  const many = Array.from({ length: 120_000 }, (_, k) => `${k + 1},10,5,${978_300_760 + k}`);
  const spoiled = (line: string): string =>
    ["userId,movieId,rating,timestamp", ...many.with(99_998, line), ""].join("\n");

  test.each([
    {
      fault: "too few fields",
      line: "7,10",
      message: /\n {2}line 100000: the line lacks fields: /,
    },
    {
      fault: "an id that is no number",
      line: "7,x,5,9",
      message: /\n {2}line 100000: the item id/,
    },
    {
      fault: "too many fields",
      line: "7,10,5,9,1",
      message: /\n {2}line 100000: the line has too many fields: /,
    },
  ])("in the middle of a large file: $fault", async ({ line, message }) => {
    expect(await refusalOf({ ...goodCsv, "ratings.csv": spoiled(line) })).toMatch(message);
  });

  test("in the middle of a large file: an event that occurs again, an item without metadata", async () => {
    expect(await refusalOf({ ...goodCsv, "ratings.csv": spoiled("5,10,5,978300764") })).toMatch(
      /^ratings.csv:\n {2}line 100000 repeats line 6: user 5, item 10, same time\n/,
    );
    expect(await refusalOf({ ...goodCsv, "ratings.csv": spoiled("5,11,5,978300764") })).toMatch(
      /^ratings.csv:\n {2}line 100000: item 11 \(1 ratings\) has no metadata\n/,
    );
  });

  test("ML-100K takes whole stars only from 1 to 5", async () => {
    const flags = Array.from({ length: 19 }, () => 0).join("|");
    const message = await refusalOf({
      "u.data": "1\t10\t5\t978300760\n1\t10\t0.5\t978300761\n",
      "u.item": `10|Heat (1995)|||http://example.org|${flags}\n`,
    });
    expect(message).toMatch(/^u.data: 1 faulty line\(s\):\n {2}line 2: .*0.5 is outside 1 to 5/);
  });
});

describe("ratings that do not fit together", () => {
  test("an event that occurs twice", async () => {
    const again = "1::10::4::978300760\n";
    const ratings = `${good["ratings.dat"]}${again}`;
    expect(await refusalOf({ ...good, "ratings.dat": ratings })).toBe(
      "ratings.dat:\n  line 3 repeats line 1: user 1, item 10, same time\n" +
        "Every (user, item, time) may occur once; remove the duplicates.",
    );
  });

  test("an event of a user beyond the bitmap of pairs that occurs twice", async () => {
    const event = "2147483647::10::4::978300760\n";
    const ratings = `${good["ratings.dat"]}${event}${event}`;
    expect(await refusalOf({ ...good, "ratings.dat": ratings })).toMatch(
      /line 4 repeats line 3: user 2147483647, item 10, same time/,
    );
  });

  test("an item without metadata", async () => {
    const ratings = `${good["ratings.dat"]}1::30::4::978300760\n2::30::4::978300760\n`;
    expect(await refusalOf({ ...good, "ratings.dat": ratings })).toBe(
      "ratings.dat:\n  line 3: item 30 (2 ratings) has no metadata\n" +
        "Add the items to the item file, or remove their ratings.",
    );
  });
});

describe("a faulty line among the items or users", () => {
  test.each([
    {
      fault: "an item id that is no number",
      line: "x::Alien (1979)::Horror",
      message: `movies.dat: 1 faulty line(s):\n  line 3: the item id 'x' is not an integer from 1 to 2147483647: x::Alien (1979)::Horror\n${fix}`,
    },
    {
      fault: "an item listed twice",
      line: "10::Alien (1979)::Horror",
      message: `movies.dat: 1 faulty line(s):\n  line 3: repeats the item of line 1: 10::Alien (1979)::Horror\n${fix}`,
    },
    {
      fault: "too few fields",
      line: "30::Alien (1979)",
      message: `movies.dat: 1 faulty line(s):\n  line 3: the line lacks fields: 30::Alien (1979)\n${fix}`,
    },
    {
      fault: "no title",
      line: "30::::Horror",
      message: `movies.dat: 1 faulty line(s):\n  line 3: the title is missing: 30::::Horror\n${fix}`,
    },
  ])("$fault", async ({ line, message }) => {
    const movies = `${good["movies.dat"]}${line}\n`;
    expect(await refusalOf({ ...good, "movies.dat": movies })).toBe(message);
  });

  test("items of ML-100K that lack genre flags", async () => {
    const message = await refusalOf({
      "u.data": "1\t10\t5\t978300760\n",
      "u.item": "10|Heat (1995)|||http://example.org|0|1|0\n",
    });
    expect(message).toBe(
      `u.item: 1 faulty line(s):\n  line 1: the line has 8 fields instead of 24: 10|Heat (1995)|||http://example.org|0|1|0\n${fix}`,
    );
  });

  test.each([
    {
      line: "x::F::1::10::0",
      reason: "the user id 'x' is not an integer from 1 to 2147483647: x::F::1::10::0",
    },
    { line: "1::M::1::10::0", reason: "repeats the user of line 1: 1::M::1::10::0" },
    { line: "2::M::1::10", reason: "the line lacks fields: 2::M::1::10" },
    { line: "2::M::1::10::0::0", reason: "the line has too many fields: 2::M::1::10::0::0" },
  ])("the user line $line", async ({ line, reason }) => {
    const users = `${good["users.dat"]}${line}\n`;
    expect(await refusalOf({ ...good, "users.dat": users })).toBe(
      `users.dat: 1 faulty line(s):\n  line 2: ${reason}\n${fix}`,
    );
  });
});
