import { describe, expect, test } from "vitest";
import { samplesSettings } from "../../src/dataset/settings.ts";
import type { SamplesOptions } from "../../src/dataset/split/samples-stage.ts";
import { splitCure } from "../../src/dataset/split/split-cure.ts";
import { splitFaults } from "../../src/dataset/split/split-faults.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

/** Four users with 25 events each, a minute apart, of which every `liked`th is liked. */
async function makeInteractions(liked: number): Promise<void> {
  await memory.db.run(
    `create or replace table interactions as select (i % 4 + 1)::integer as user_id, (i // 4 + 1)::integer as item_id, 4.0::double as rating,
       (i // 4 % ${liked} = 0)::tinyint as label, make_timestamp(946684800000000 + i * 60000000) as ts, i as file_row from range(100) t(i)`,
  );
}

interface Given {
  readonly protocol?: "leakfree" | "paper" | "reference";
  readonly samples?: object;
  readonly contextRows?: number;
  readonly shortUsers?: "error" | "drop";
}

function faults({ protocol = "leakfree", samples = {}, ...others }: Given) {
  const options: SamplesOptions = {
    ...{ protocol, samples: samplesSettings.parse(samples) },
    ...{ contextRows: 5, shortUsers: "error", labels: "check the labels", ...others },
  };
  return splitFaults(memory.db, options, (user) => Promise.resolve(`user "${user}"`));
}

describe("splitFaults", () => {
  test("finds none where all splits have rows of both labels", async () => {
    await makeInteractions(2);
    for (const protocol of ["leakfree", "paper", "reference"] as const) {
      expect(await faults({ protocol })).toEqual([]);
    }
  });

  test.each([
    [{ samples: { testFrom: "2030-01-01" } }, "leaves no test rows", "samples.testFrom"],
    [{ samples: { validFrom: "2000-01-01" } }, "leaves no train rows", "samples.validFrom"],
    [{ protocol: "paper", samples: { testFrom: "2030-01-01" } }, "leaves no test rows", "testFrom"],
    [{ samples: { gap: "30d" } }, "no time is left for validation", "samples.gap"],
    [
      { protocol: "reference", contextRows: 20, shortUsers: "drop" },
      "leaves no train rows",
      "smaller contexts.history",
    ],
  ] as const)("tells %j", async (given, what, cure) => {
    await makeInteractions(2);
    const [first, ...others] = await faults(given);
    expect(first).toContain(what);
    expect(first).toContain(cure);
    expect(first).not.toMatch(/samples\.testShare.*samples\.validShare/);
    expect(others).toEqual([]);
  });

  test("tells splits of one label, with the cure", async () => {
    await makeInteractions(30);
    expect(await faults({ protocol: "paper" })).toEqual([
      "all 60 train rows have label 0, so AUC is undefined; check the labels",
      "all 20 test rows have label 0, so AUC is undefined; check the labels",
    ]);
  });

  test("tells users with too few events, by the source's id, unless they are dropped", async () => {
    await makeInteractions(2);
    await memory.db.run("delete from interactions where user_id = 3 and item_id > 4");
    const [fault] = await faults({});
    expect(fault).toMatch(
      /^1 user\(s\) have fewer than the 6 events.* first user user "3" with 4\./,
    );
    expect(await faults({ shortUsers: "drop" })).toEqual([]);
  });
});

describe("splitCure names the settings in force", () => {
  const cure = (protocol: "leakfree" | "paper" | "reference", samples: object = {}): string =>
    splitCure(protocol, samplesSettings.parse(samples));

  test.each([
    [cure("leakfree"), "change samples.validShare or samples.testShare."],
    [cure("leakfree", { testFrom: "2020-01-01" }), "samples.validShare or samples.testFrom."],
    [
      cure("leakfree", { validFrom: "2019-01-01", testFrom: "2020-01-01", gap: "1d" }),
      "change samples.validFrom, samples.testFrom or samples.gap.",
    ],
    [cure("paper"), "a smaller contexts.history, or change samples.testShare."],
    [cure("paper", { testFrom: "2020-01-01" }), "or change samples.testFrom."],
  ])("%s", (text, end) => {
    expect(text.endsWith(end)).toBe(true);
  });

  test("none of protocol reference", () => {
    expect(cure("reference")).not.toContain("samples.");
  });
});
