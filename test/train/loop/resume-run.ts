import { sha256 } from "../../../src/base/sha256.ts";
import type { TaskSpec } from "../../../src/flow/task.ts";
import type { Row } from "../../../src/tables/database.ts";
import { createRandom } from "../../../src/base/random.ts";
import { trainSettings, type TrainSettings } from "../../../src/train/settings.ts";
import { trainStageConfig } from "../../../src/train/train-tasks.ts";
import { sample, taskSpec, type RunFolder } from "../run-folder.ts";

/** Six steps an epoch, the last one of 10 rows; nothing in training that is drawn is left out. */
const settings = trainSettings.parse({
  batchSize: 20,
  embeddingDim: 4,
  epochs: 4,
  patience: 9,
  learningRate: 0.02,
  warmup: 0.2,
  dropout: 0.2,
  l2: 1e-4,
});

/** Steps of {@link smallTask}, which trains all of its epochs. */
export const smallSteps = { anEpoch: 6, inAll: 24 } as const;

/** A train task on random rows in two parts, by default 110, 30 and 40, with its tables in the run folder. */
export async function smallTask(
  run: RunFolder,
  changes: Partial<TrainSettings> = {},
  splits = { train: 110, valid: 30, test: 40 },
): Promise<TaskSpec> {
  const { uniform } = createRandom(5);
  const whole = (below: number): number => Math.floor(uniform() * below);
  const rows = Object.entries(splits).flatMap(([split, count]) =>
    Array.from({ length: count }, (_none, place) => {
      const history = Array.from({ length: whole(4) }, () => 1 + whole(12));
      return sample({
        user_id: 1 + (place % 7),
        rn: place + 1,
        item_id: 1 + whole(12),
        label: whole(2),
        split,
        history_items: history,
        history_ratings: history.map(() => 1 + whole(5)),
      });
    }),
  );
  const isEarly = (row: Row): boolean => Number(row["user_id"]) <= 3;
  const items = Array.from({ length: 12 }, (_none, item) => ({
    id: 1 + item,
    attributes: { genre: item % 2 === 0 ? ["Drama"] : ["War", "Drama"] },
  }));
  const task = taskSpec(
    "train",
    trainStageConfig({ ...settings, ...changes }, "leakfree"),
    { backbone: "dcn", variant: "base", role: "base", trial: 0, seed: 3 },
    {
      samples: [
        await run.writeTable("samples", rows.filter(isEarly)),
        await run.writeTable(
          "samples",
          rows.filter((row) => !isEarly(row)),
        ),
      ],
      items: [await run.writeItems(items)],
    },
  );
  return {
    ...task,
    key: sha256("small"),
    outputs: ["training_log", "results", "predictions"],
  };
}
