import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { datasetSettings } from "../../src/dataset/settings.ts";
import { toJson } from "../../src/base/json.ts";
import { runTask } from "../../src/flow/run-task.ts";
import { catalogOf, writeStageManifest } from "../../src/flow/stage-manifest.ts";
import type { Catalog } from "../../src/flow/stage.ts";
import { datasetTask, makeFolder, splitByTasks, taskSite } from "../util/hand-made-task.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();
let runDir: string;
beforeEach(() => (runDir = join(memory.dir, "run")));

/** Ingests a log of (user, item, second), whose ids are texts, as a run does. */
async function ingest(
  events: readonly (readonly [user: string, item: string, second: number])[],
  runtime: { readonly buckets?: number } = {},
): Promise<Catalog> {
  const lines = events.map(([user, item, second]) => `"${user}",${item},4,${second}\n`);
  const folder = await makeFolder(join(memory.dir, "source"), {
    "log.csv": `user,item,rating,time\n${lines.join("")}`,
  });
  const columns = { user: "user", item: "item", rating: "rating", time: "time" };
  const dataset = datasetSettings.parse({
    ...{ source: "csv", interactions: join(folder, "log.csv"), columns, ids: "dictionary" },
    positiveAbove: 3,
  });
  const task = {
    ...datasetTask("ingest", toJson({ dataset })),
    runtime,
    outputs: [
      ...["interactions", "items", "users", "user_dictionary", "item_dictionary"],
      ...["rejects", "ingest_counts"],
    ],
  };
  const { files } = await runTask(task, taskSite(runDir));
  const manifest = { stage: "ingest", key: "", inputs: [], outputs: [], tasks: 1, taskSeconds: 0 };
  await writeStageManifest(runDir, { ...manifest, files });
  return catalogOf([{ stage: "ingest", files }]);
}

/** A second of September 2001. */
const at = (second: number): number => 1_000_000_000 + second;

describe("a fault in a log whose ids a dictionary numbers", () => {
  test.each([1, 3])("a repeated event is named as in the log, in %d buckets", async (buckets) => {
    const events = [
      ["O'Hara", "b7", at(1)],
      ["ada", "7", at(2)],
      ["ada", "7", at(2)],
    ] as const;
    await expect(ingest(events, { buckets })).rejects.toThrow(
      /log\.csv: line 4 repeats .*log\.csv: line 3: user ada, item 7, same time/,
    );
  });

  test("a user with too few events is named as in the log", async () => {
    const ingested = await ingest([
      ["zoë", "b1", at(1)],
      ["2", "b1", at(1)],
      ["2", "b2", at(2)],
    ]);
    const config = {
      ...{ protocol: "reference", contextRows: 0, shortUsers: "error" },
      samples: { history: 5 },
    };
    await expect(splitByTasks(runDir, config, ingested)).rejects.toThrow(
      /first user zoë with 1\. Leave them out/,
    );
  });
});
