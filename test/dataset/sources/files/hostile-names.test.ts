import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runTask } from "../../../../src/flow/run-task.ts";
import { parsePipeline } from "../../../../src/pipeline/load-pipeline.ts";
import { quote, quoteName } from "../../../../src/tables/quote.ts";
import { datasetTask, makeFolder, taskSite } from "../../../util/hand-made-task.ts";
import { loadedEvents, loadedRejects, loadSource } from "../../../util/load-source.ts";
import { useMemoryDatabase } from "../../../util/memory-database.ts";

const memory = useMemoryDatabase();

/** Texts that would do something anywhere but in their place. */
const hostile = [
  `'; drop table source_rejects; --`,
  `" or 1=1 --`,
  "'');copy (select 1) to '/tmp/x",
  "$1 $name ${user} `id` $(id)",
  "a[1]*?{b,c}",
  "back\\slash \\n",
  "ščř 日本 🙂 \u202Eabc",
  "--",
  "/* comment */",
  "null",
  "select",
];
const [evil = ""] = hostile;

const csvCell = (text: string): string => `"${text.replaceAll('"', '""')}"`;

describe("hostile names are data", () => {
  test.each(hostile)("a column is called %j, in all three formats", async (name) => {
    const columns = { user: name, item: `${name} 2`, time: `${name} 3`, rating: `${name} 4` };
    const names = Object.values(columns);
    const dir = await makeFolder(join(memory.dir, "in"), {
      "a.csv": `${names.map(csvCell).join(",")}\n1,10,1700000000,5\n`,
      "a.jsonl": `${JSON.stringify(Object.fromEntries(names.map((key, k) => [key, [1, 10, 1700000000, 5][k]])))}\n`,
      "spoilt.jsonl": `${JSON.stringify(Object.fromEntries(names.map((key, k) => [key, [1, 10, 1700000000, 5][k]])))}\n{\n`,
    });
    const values = [1, 10, 1700000000, 5].map(
      (value, k) => `${value} as ${quoteName(names[k] ?? "")}`,
    );
    await memory.db.run(
      `copy (select ${values.join(", ")}) to ${quote(join(dir, "a.parquet"))} (format parquet)`,
    );
    for (const [source, file] of [
      ["csv", "a.csv"],
      ["json", "a.jsonl"],
      ["json", "spoilt.jsonl"],
      ["parquet", "a.parquet"],
    ]) {
      const interactions = join(dir, file ?? "");
      await loadSource(memory, {
        source,
        interactions,
        columns,
        onBadRow: "skip",
        maxBadShare: 0.5,
      });
      expect(await loadedEvents(memory)).toEqual([[1, 10, 5, "2023-11-14T22:13:20.000Z"]]);
    }
  });

  test.each(hostile.map((name) => name.replaceAll("/", "|")))(
    "a file and its folder are called %j",
    async (name) => {
      const columns = { user: "u", item: "i", time: "t", rating: "r" };
      const dir = await makeFolder(join(memory.dir, name), {
        [`${name}.csv`]: "u,i,t,r\n1,10,1700000000,5\nx,10,1700000000,5\n",
      });
      await memory.db.run(
        "create or replace table p as select 1 as u, 10 as i, 1700000000 as t, 5 as r",
      );
      await memory.db.run(`copy p to ${quote(join(dir, `${name}.parquet`))} (format parquet)`);
      for (const source of ["csv", "parquet"]) {
        for (const interactions of [join(dir, `${name}.${source}`), dir]) {
          await loadSource(memory, {
            source,
            interactions,
            columns,
            ids: "integer",
            onBadRow: "skip",
            maxBadShare: 0.5,
          });
          expect(await loadedEvents(memory)).toEqual([[1, 10, 5, "2023-11-14T22:13:20.000Z"]]);
        }
      }
      await loadSource(memory, {
        source: "csv",
        interactions: dir,
        columns,
        ids: "integer",
        onBadRow: "skip",
        maxBadShare: 0.5,
      });
      const [reject] = await memory.db.rows("select file from source_rejects");
      expect(reject).toEqual({ file: join(dir, `${name}.csv`) });
    },
  );

  test("ids, event types, titles, attributes and separators hold anything", async () => {
    const dir = await makeFolder(join(memory.dir, "in"), {
      "log.csv": [
        "u,i,t,e",
        ...hostile.map(
          (text, k) => `${csvCell(text)},${csvCell(text)},170000000${k % 10},${csvCell(text)}`,
        ),
        "",
      ].join("\n"),
      "items.jsonl": hostile
        .map((text) => JSON.stringify({ id: text, title: text, [evil]: `x${evil}y` }))
        .join("\n"),
    });
    await loadSource(memory, {
      ...{ source: "csv", interactions: join(dir, "log.csv"), ids: "dictionary" },
      missingValues: [""], // null is an id here
      columns: {
        user: "u",
        item: "i",
        time: "t",
        event: "e",
        positiveEvents: [evil, "$1 $name ${user} `id` $(id)"],
      },
      items: { path: join(dir, "items.jsonl"), id: "id", attributes: [evil], listSeparator: evil },
    });
    expect(await loadedRejects(memory)).toEqual([]);
    const ids = await memory.db.rows("select source_id from user_dictionary");
    expect(ids.map(({ source_id }) => source_id).sort()).toEqual(hostile.toSorted());
    const liked = (await loadedEvents(memory)).filter(([, , rating]) => rating === 1);
    expect(liked).toHaveLength(2);
    const items = await memory.db.rows("select title, attributes from source_items");
    expect(items.map(({ title }) => title).sort()).toEqual(hostile.toSorted());
    expect(
      items.every(
        ({ attributes }) => JSON.stringify(attributes) === JSON.stringify({ [evil]: ["x", "y"] }),
      ),
    ).toBe(true);
  });

  test("a run takes them through --set and writes them as they are", async () => {
    const dir = await makeFolder(join(memory.dir, evil), {
      "log.csv": [`${csvCell(evil)},i,t,r`, `${csvCell(evil)},10,1700000000,5`, "b,10,,5", ""].join(
        "\n",
      ),
    });
    const log = join(dir, "log.csv");
    const { dataset } = parsePipeline("", "p.yaml", [
      "dataset.source=csv",
      `dataset.interactions=${JSON.stringify(log)}`,
      `dataset.columns=${JSON.stringify({ user: evil, item: "i", time: "t", rating: "r" })}`,
      ...["dataset.onBadRow=skip", "dataset.maxBadShare=1"],
    ]);
    const task = datasetTask("ingest", {
      dataset: JSON.parse(JSON.stringify(dataset)) as { readonly source: string },
    });
    const outputs = [...task.outputs, "rejects", "ingest_counts", "user_dictionary"];
    const runDir = join(memory.dir, "run");
    const { files } = await runTask({ ...task, outputs }, taskSite(runDir));
    const read = async (table: string) => {
      const path = files.find((file) => file.table === table)?.path ?? "";
      return memory.db.rows(`select * from read_parquet(${quote(join(runDir, path))})`);
    };
    expect(await read("user_dictionary")).toEqual([{ user_id: 1, source_id: evil }]);
    expect(await read("rejects")).toEqual([
      {
        source: "interactions",
        file: log,
        line: 3,
        reason: "the time is missing",
        content: "b | 10 | 5",
      },
    ]);
    expect((await read("ingest_counts")).map(({ step, rows }) => [step, rows])).toEqual([
      ["read", 2],
      ["bad row", 1],
      ["kept", 1],
    ]);
  });
});
