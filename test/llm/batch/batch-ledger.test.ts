import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openBatchLedger, type BatchLedger } from "../../../src/llm/batch/batch-ledger.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";

async function write(ledger: BatchLedger, folder: string, keys: readonly string[]) {
  const name = ledger.newName("org/m 1");
  const draft = join(folder, `${name}.tmp`);
  await writeFile(draft, "requests");
  const requests = keys.map((key) => ({ key, promptVersion: "p1", mostCostUsd: 0.5 }));
  await ledger.add(
    draft,
    { name, model: "org/m 1", service: null, requests: keys.length },
    requests,
  );
  return name;
}

describe("openBatchLedger", () => {
  test("remembers over sessions what was written, how often, and what came back", async () => {
    const folder = await scratchFolder();
    const earlier = await openBatchLedger(folder);
    const one = await write(earlier, folder, ["a", "b", "c"]);
    expect(one).toBe("0001-org-m-1");
    await earlier.fail(null, new Map([["b", "status 500"]]));
    const two = await write(earlier, folder, ["b"]);

    for (const ledger of [earlier, await openBatchLedger(folder)]) {
      expect(ledger.get("a")).toMatchObject({ attempts: 1, fault: null, file: { name: one } });
      expect(ledger.get("a")?.mostCostUsd).toBe(0.5);
      expect(ledger.get("b")).toMatchObject({ attempts: 2, fault: null, file: { name: two } });
      expect(ledger.get("x")).toBeNull();
      expect(["a", "b", "x"].map(ledger.isOpen)).toEqual([true, true, false]);
      expect(ledger.openFiles().map(({ name }) => name)).toEqual([one, two]);
    }
  });

  test("reads what earlier versions wrote, without the highest cost", async () => {
    const folder = await scratchFolder();
    const file = { name: "0001-m", model: "m", service: null, requests: 1 };
    const lines = [
      ["asked", "a", "p1", file.name],
      ["written", file],
    ].map((entry) => JSON.stringify(entry));
    await writeFile(join(folder, "ledger"), `${lines.join("\n")}\n`);
    const ledger = await openBatchLedger(folder);
    expect(ledger.get("a")).toMatchObject({ attempts: 1, mostCostUsd: null });
  });

  test("lets a fault of an earlier file not reopen a request that is in a later one", async () => {
    const folder = await scratchFolder();
    const ledger = await openBatchLedger(folder);
    const one = await write(ledger, folder, ["a", "b"]);
    await ledger.close(one, "remove");
    await write(ledger, folder, ["a"]);
    await ledger.fail(
      one,
      new Map([
        ["a", "late"],
        ["b", "late"],
      ]),
    );
    for (const seen of [ledger, await openBatchLedger(folder)]) {
      expect(seen.isOpen("a")).toBe(true);
      expect(seen.get("b")?.fault).toBe("late");
    }
  });

  test("expects nothing for a closed file, and uses no name twice", async () => {
    const folder = await scratchFolder();
    const ledger = await openBatchLedger(folder);
    const one = await write(ledger, folder, ["a"]);
    await ledger.close(one, "keep");
    expect(ledger.isOpen("a")).toBe(false);
    const later = await openBatchLedger(folder);
    expect(later.openFiles()).toEqual([]);
    expect(later.get("a")?.attempts).toBe(1);
    expect(later.newName("m")).toBe("0002-m");
  });
});
