import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { requireReplaceable } from "../../src/tables/earlier-output.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

describe("requireReplaceable", () => {
  test("takes a path where nothing is, and an earlier output", async () => {
    const path = join(memory.dir, "out.csv");
    await requireReplaceable(memory.db, path, ["probability"]);
    await writeFile(path, "user_id,probability\n1,0.5\n");
    await requireReplaceable(memory.db, path, ["probability"]);
  });

  test.each<[string, (path: string) => Promise<unknown>, RegExp]>([
    [
      "other rows",
      (path) => writeFile(path, "user_id,item_id\n1,2\n"),
      /no earlier output \(it has no column probability\)/,
    ],
    ["an empty file", (path) => writeFile(path, ""), /no earlier output/],
    ["anything else", (path) => writeFile(path, "\0\0"), /no earlier output/],
    ["a folder", (path) => mkdir(path), /is not a file/],
    ["a link to nothing", (path) => symlink("nowhere", path), /is not a file/],
  ])("refuses %s and leaves it as it is", async (_what, put, fault) => {
    const path = join(memory.dir, "out.csv");
    await put(path);
    const before = await readFile(path).catch(String);
    await expect(requireReplaceable(memory.db, path, ["probability"])).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringMatching(fault) as unknown,
    });
    expect(await readFile(path).catch(String)).toEqual(before);
  });
});
