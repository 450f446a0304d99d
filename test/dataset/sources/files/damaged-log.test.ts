import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { damages, repeated, tooLong, writeDamagedLog } from "../../../util/damaged-log.ts";
import { loadedCounts, loadedRejects, loadSource } from "../../../util/load-source.ts";
import { useMemoryDatabase } from "../../../util/memory-database.ts";

const memory = useMemoryDatabase();

const rows = 1_000_000;

describe("a log with every kind of damage", () => {
  test(
    "each spoilt row is counted by its reason and shown by its line, each good row is kept",
    { timeout: 300_000 },
    async () => {
      expect(damages.length + 2).toBeGreaterThanOrEqual(50);
      const path = join(memory.dir, "log.csv");
      const log = await writeDamagedLog(path, rows, 1);
      await loadSource(memory, {
        ...{ source: "csv", interactions: path, ids: "integer", duplicates: "first" },
        columns: { user: "user", item: "item", time: "time", rating: "rating" },
        ...{ onBadRow: "skip", maxBadShare: 0.1 },
      });
      const found = await loadedRejects(memory);
      expect(found.map(([line, reason]) => [line, reason])).toEqual(log.rejects);
      for (const [, , content] of found) {
        expect(String(content).length).toBeLessThanOrEqual(200);
        expect(content).not.toMatch(/[\u0000-\u001f\u007f]/);
      }
      const [kept] = await memory.db.rows("select count(*) as rows from source_interactions");
      expect(kept).toEqual({ rows: log.goodRows });
      const counts = await loadedCounts(memory);
      expect(counts[0]).toEqual(["read", "", rows]);
      expect(counts.at(-1)).toEqual(["kept", "", log.goodRows]);
      const reasons = new Set([...damages.map(({ reason }) => reason), tooLong, repeated]);
      expect(new Set(counts.slice(1, -1).map(([, reason]) => reason))).toEqual(reasons);
    },
  );
});
