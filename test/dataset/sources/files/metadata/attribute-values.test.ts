import { describe, expect, test } from "vitest";
import { attributeMap } from "../../../../../src/dataset/sources/files/metadata/attribute-values.ts";
import { defineListMacros } from "../../../../../src/dataset/sources/files/metadata/list-macros.ts";
import { useMemoryDatabase } from "../../../../util/memory-database.ts";

const memory = useMemoryDatabase();

/** The values of an attribute whose column is an SQL expression. */
async function valuesOf(
  sql: string,
  options: { readonly separator?: string; readonly place?: number; readonly isText?: boolean } = {},
): Promise<unknown> {
  await defineListMacros(memory.db);
  const [{ type } = { type: "" }] = await memory.db.rows(
    `select typeof(c) as type from (select ${sql} as c)`,
  );
  const map = attributeMap([{ name: "mood", column: "c", type: String(type), ...options }]);
  const [row] = await memory.db.rows(`select ${map}['mood'] as found from (select ${sql} as c)`);
  return row?.["found"];
}

const text = (value: string): string => `'${value.replaceAll("'", "''")}'::varchar`;

describe("attributeMap: texts that are lists", () => {
  test.each([
    [`["calm", "odd"]`, ["calm", "odd"]],
    [`['calm', 'odd']`, ["calm", "odd"]],
    [`['calm' 'odd']`, ["calm", "odd"]], // NumPy
    [
      `['it\\'s', "it's", 'a "b"', 'caf\\xe9', 'caf\\u00e9']`,
      ["it's", "it's", 'a "b"', "café", "café"],
    ],
    [`[u'calm', b'odd']`, ["calm", "odd"]],
    [`['calm', None, '', nan]`, ["calm"]],
    [`['None', True, 7, 2.5]`, ["None", "true", "7", "2.5"]],
    [`('calm', 'odd')`, ["calm", "odd"]],
    [`('calm',)`, ["calm"]],
    [`{'calm', 'odd'}`, ["calm", "odd"]],
    [`[{'id': 3, 'name': 'Calm'}, {'id': 4, 'name': 'Odd'}]`, ["Calm", "Odd"]],
    [`[{"id": "3", "description": "Calm"}]`, ["Calm"]],
    [`{"id": 3, "name": "Calm"}`, ["Calm"]],
    [`[{"id": 3}]`, ['{"id":3}']],
    [`[["all", "calm"], ["all", "odd"]]`, ["all", "calm", "odd"]],
    [` [ "calm" ] `, ["calm"]],
  ])("%s", async (written, expected) => {
    expect(await valuesOf(text(written))).toEqual(expected);
  });

  test.each(["[]", "()", "{}", "['']"])("%s is no value", async (written) => {
    expect(await valuesOf(text(written))).toBeOneOf([null, undefined]);
  });

  test.each([
    "[live] at the hall",
    "['calm', 'odd'] and more",
    "(remastered)",
    "['never closed",
    "[calm, odd]",
    '("quoted") at the start',
    "calm|odd",
    "{not json}",
  ])("%s is one value", async (written) => {
    expect(await valuesOf(text(written))).toEqual([written]);
  });

  test("the separator splits what a list holds, too", async () => {
    expect(await valuesOf(text(`['calm|odd', 'dry']`), { separator: "|" })).toEqual([
      "calm",
      "odd",
      "dry",
    ]);
    expect(await valuesOf(text(`['calm', 'odd']`), { separator: ", " })).toEqual(["calm", "odd"]);
  });

  test("a place takes one value of the list, or one of each inner list", async () => {
    expect(await valuesOf(text(`['all', 'odd']`), { place: 2 })).toEqual(["odd"]);
    const paths = `[['all', 'odd', 'x'], ['all'], ['all', 'dry'], ['own', 'odd']]`;
    expect(await valuesOf(text(paths), { place: 2 })).toEqual(["odd", "dry"]);
    expect(await valuesOf("['all', 'odd']", { place: 2 })).toEqual(["odd"]);
  });

  test("running text: its parts joined", async () => {
    expect(await valuesOf(text(`['One.', 'Two.']`), { isText: true })).toEqual(["One. Two."]);
    expect(await valuesOf(text("('tis odd) and so on"), { isText: true })).toEqual([
      "('tis odd) and so on",
    ]);
  });
});

describe("attributeMap: columns of other types", () => {
  test.each([
    ["['calm', 'odd']", ["calm", "odd"]],
    ["[3, null, 4]", ["3", "4"]],
    ["[{'id': 3, 'name': 'Calm'}, {'id': 4, 'name': 'Odd'}]", ["Calm", "Odd"]],
    ["{'id': 3, 'title': 'Calm'}", ["Calm"]],
    ["[['all', 'calm'], ['all', 'odd']]", ["all", "calm", "odd"]],
    [`'["calm","odd"]'::json`, ["calm", "odd"]],
    ["timestamp '2020-01-02 03:04:05'", ["2020-01-02 03:04:05"]],
    ["7", ["7"]],
  ])("%s", async (sql, expected) => {
    expect(await valuesOf(sql)).toEqual(expected);
  });
});
