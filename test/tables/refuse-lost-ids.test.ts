import { describe, expect, test } from "vitest";
import { refuseLostIds } from "../../src/tables/source-ids/refuse-lost-ids.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

const check = (type: string, ...values: readonly string[]): Promise<void> =>
  refuseLostIds(memory.db, {
    from: `(values ${values.map((value) => `(${value}::${type})`).join(", ")}) as t(id)`,
    ...{ column: "id", type, text: "column id of log" },
  });

describe("refuseLostIds", () => {
  test.each([
    ["VARCHAR", ["'a'", "'1.23E+15'"], "1 ids such as 1.23E+15: a spreadsheet such as Excel"],
    ["VARCHAR", ["'-9,1E+12'", "'-9,1E+12'"], "2 ids such as -9,1E+12: a spreadsheet"],
    ["VARCHAR", ["' 5E+09'"], "1 ids such as  5E+09: a spreadsheet"],
    ["FLOAT", ["3", "33554432"], "1 ids such as 33554432.0: FLOAT rounds whole numbers from 2^24"],
    ["FLOAT", ["16777216"], "write the ids as BIGINT or as texts"],
    ["DOUBLE", ["-9007199254740992"], "DOUBLE rounds whole numbers from 2^53"],
  ])("refuses a %s of %j", async (type, values, message) => {
    await expect(check(type, ...values)).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringContaining(message) as string,
    });
  });

  test.each([
    ["VARCHAR", ["'1.23E15'", "'E+10'", "'B1E+10'", "'1E+5'", "null", "'12.3E+10'"]],
    ["FLOAT", ["16777215", "0.5", "'nan'", "'inf'", "null"]],
    ["DOUBLE", ["9007199254740991", "1.5", "'-inf'"]],
    ["BIGINT", ["9007199254740993"]],
  ])("keeps a %s of %j", async (type, values) => {
    await expect(check(type, ...values)).resolves.toBeUndefined();
  });
});
