import { describe, expect, test } from "vitest";
import type { Json } from "../../src/base/json.ts";
import type { TaskSpec } from "../../src/flow/task.ts";
import { makeTiers } from "../../src/knowledge/tiers-task.ts";
import { quote } from "../../src/tables/quote.ts";
import { openRunFolder } from "../train/run-folder.ts";

async function tiers(config: Json) {
  const run = await openRunFolder();
  try {
    const timeline = [2, 2, 2, 1, 1, 7].map((user_id, rn) => ({ user_id, rn, role: "context" }));
    const task: TaskSpec = {
      stage: "tiers",
      index: 0,
      key: "",
      module: "knowledge/tiers-task",
      export: "makeTiers",
      config,
      runtime: null,
      params: {},
      inputs: {
        timeline: [await run.writeTable("timeline", timeline)],
        user_contexts: [
          await run.writeTable("user_contexts", [{ user_id: 7 }, { user_id: 2 }, { user_id: 1 }]),
        ],
      },
      outputs: ["user_tiers"],
    };
    const [written] = await makeTiers(task, run.context);
    expect(run.progress.at(-1)).toEqual({ rowsDone: 3, rowsTotal: 3, unit: "users" });
    return await run.db.rows(`select * from read_parquet(${quote(written?.path ?? "")})`);
  } finally {
    await run.close();
  }
}

const row = (user_id: number, interactions: number, is_active: boolean) => ({
  user_id,
  interactions,
  is_active,
});

describe("makeTiers", () => {
  test("writes who is active from a number of interactions, by user", async () => {
    expect(await tiers({ tiers: { activeFrom: 2 } })).toEqual([
      row(1, 2, true),
      row(2, 3, true),
      row(7, 1, false),
    ]);
  });

  test("writes the most active share as active", async () => {
    expect(await tiers({ tiers: { activeShare: 0.3, halfLife: 3 } })).toEqual([
      row(1, 2, false),
      row(2, 3, true),
      row(7, 1, false),
    ]);
  });
});
