import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const filesIn = (folder: string, ending: string): readonly string[] =>
  readdirSync(`${root}${folder}`, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .sort();
const textOf = (path: string): string => readFileSync(`${root}${path}`, "utf8");

const statements = filesIn("sql", ".sql").map((name) => name.slice(0, -".sql".length));
const tests = filesIn("test", ".test.ts").map((name) => textOf(`test/${name}`));

/** Where tests run statements without naming them: the module that executes them, and the test that runs the module. */
const runThrough: Readonly<Record<string, string>> = {
  "src/report/collect/collect-details.ts": "test/report/collect/collect-details.test.ts",
  "src/report/collect/collect-examples.ts": "test/report/collect/collect-details.test.ts",
  "src/report/collect/collect-knowledge.ts": "test/report/collect/collect-results.test.ts",
  "src/report/collect/collect-models.ts": "test/report/collect/collect-results.test.ts",
  "src/report/collect/collect-results.ts": "test/report/collect/collect-results.test.ts",
  "src/train/data/attribute-values.ts": "test/train/data/item-features.test.ts",
  "src/train/data/item-features.ts": "test/train/data/item-features.test.ts",

  "src/train/data/load-sample-facts.ts": "test/train/data/open-samples.test.ts",
  "src/train/data/open-samples.ts": "test/train/data/open-samples.test.ts",
  "src/experiments/test-rows.ts": "test/experiments/compare-task.test.ts",
  "src/experiments/trial-results.ts": "test/experiments/compare-task.test.ts",
  "src/train/data/vectors.ts": "test/train/data/vectors.test.ts",
};

/** How a module may spell a statement: whole, without its folder, and with the subject filled in at run time. */
function spellings(name: string): readonly string[] {
  const base = name.slice(name.indexOf("/") + 1);
  const filledIn = (text: string): string => text.replace(/(^|\/)(user|item)_/, "$1${subject}_");
  return [`"${name}"`, `"${base}"`, `\`${filledIn(name)}\``, `\`${filledIn(base)}\``];
}

test("there are statements, and the modules that run them have tests", () => {
  expect(statements.length).toBeGreaterThan(40);
  for (const path of Object.entries(runThrough).flat()) expect(() => textOf(path)).not.toThrow();
});

describe.each(statements)("sql/%s.sql", (name) => {
  const lines = textOf(`sql/${name}.sql`).split("\n");
  const isHeader = (line: string): boolean => line.startsWith("--");

  test("says in its first line which it is and what for", () => {
    const [first = ""] = lines;
    expect(first.startsWith(`-- ${name}: `), first).toBe(true);
    expect(first).toMatch(/: \S.*\.$/);
  });

  test("names its grain and what it reads", () => {
    expect(lines.filter((line) => /^-- grain {3}\S/.test(line))).toHaveLength(1);
    expect(lines.filter((line) => /^-- reads {3}\S/.test(line))).toHaveLength(1);
  });

  test("names the parameters it takes, and no other", () => {
    const parameters = (of: readonly string[]): readonly string[] =>
      [...new Set(of.join("\n").match(/\$[a-z_]+/g))].sort();
    expect(parameters(lines.filter(isHeader))).toEqual(
      parameters(lines.filter((line) => !isHeader(line))),
    );
  });

  test("is executed by a test", () => {
    const modules = Object.keys(runThrough).filter(
      (path) => path.split("/")[1] === name.split("/")[0],
    );
    const isRunThrough = modules.some((path) =>
      spellings(name).some((spelling) => textOf(path).includes(spelling)),
    );
    const isNamed = tests.some((text) => text.includes(name));
    expect(isNamed || isRunThrough, `no test executes ${name}`).toBe(true);
  });
});
