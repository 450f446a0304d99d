import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FileRef } from "../../../../src/flow/task.ts";
import type { Row } from "../../../../src/tables/database.ts";
import { loadItemFeatures } from "../../../../src/train/data/item-features.ts";
import { createRandom } from "../../../../src/base/random.ts";
import type { RowPieces, SampleSplit } from "../../../../src/train/data/sample-split.ts";
import { loadSampleFacts } from "../../../../src/train/data/load-sample-facts.ts";
import { openSamples } from "../../../../src/train/data/open-samples.ts";
import type { Samples } from "../../../../src/train/data/samples.ts";
import { openRunFolder, sample, type RunFolder } from "../../run-folder.ts";

/** 240 rows of 12 users in three parts; a row's place tells it from its user's others. */
function randomRows(): readonly Row[] {
  const { uniform } = createRandom(3);
  const whole = (below: number): number => Math.floor(uniform() * below);
  return Array.from({ length: 240 }, (_none, row) => {
    const history = Array.from({ length: whole(5) }, () => 1 + whole(9));
    return sample({
      user_id: 1 + Math.floor(row / 20),
      rn: 1 + (row % 20),
      item_id: 1 + whole(9),
      label: whole(2),
      split: row % 20 < 8 ? "train" : row % 20 < 12 ? "valid" : "test",
      history_items: history,
      history_ratings: history.map(() => 1 + whole(5)),
    });
  });
}

let run: RunFolder;
let parts: readonly FileRef[];
beforeAll(async () => {
  run = await openRunFolder();
  const rows = randomRows();
  const ofUsers = (from: number, to: number): Promise<FileRef> =>
    run.writeTable(
      "samples",
      rows.filter((row) => Number(row["user_id"]) >= from && Number(row["user_id"]) < to),
    );
  parts = [await ofUsers(1, 4), await ofUsers(4, 5), await ofUsers(5, 13)];
  const genre = { genre: ["Drama"] };
  const films = Array.from({ length: 9 }, (_none, item) => ({ id: 1 + item, attributes: genre }));
  await run.mount({ samples: parts, items: [await run.writeItems(films)] });
});
afterAll(() => run.close());

async function open(memoryRows: number): Promise<Samples> {
  const options = { attributes: ["genre"], attributeValues: "first" } as const;
  const { index: items } = await loadItemFeatures(run.db, options);
  return openSamples(run.db, {
    ...{ facts: await loadSampleFacts(run.db, 3), items, memoryRows, context: run.context },
    parts: parts.map(({ path }) => join(run.context.runDir, path)),
  });
}

/** What a test does with samples, which are closed after it. */
async function withSamples<T>(memoryRows: number, use: (samples: Samples) => Promise<T>) {
  const samples = await open(memoryRows);
  try {
    return await use(samples);
  } finally {
    samples.close();
  }
}

/** All that a piece says of each of its rows. */
async function rowsOf(pieces: RowPieces): Promise<readonly string[]> {
  const rows: string[] = [];
  for await (const { columns, order } of pieces) {
    for (const row of order ?? Array(columns.rows).keys()) {
      const events = [row * 3, row * 3 + 3] as const;
      rows.push(
        [
          `user ${columns.users[row] ?? 0} place ${columns.places[row] ?? 0}`,
          `item ${columns.items[row] ?? 0} label ${columns.labels[row] ?? 0}`,
          `after ${columns.historyItems.slice(...events).join()} ${columns.historyRatings.slice(...events).join()}`,
          columns.historyLengths[row],
        ].join(" "),
      );
    }
  }
  return rows;
}

const splits = ["train", "valid", "test"] as const;
const epoch = (seed: number, number: number) => ({ seed, epoch: number, skip: 0 });
const shuffled = (memoryRows: number, seed: number, number: number) =>
  withSamples(memoryRows, ({ train }) => rowsOf(train.shuffled(epoch(seed, number))));

describe("openSamples", () => {
  test("rows stay in memory up to the limit, and are read in passing beyond it", async () => {
    expect(await withSamples(240, ({ isStreamed }) => Promise.resolve(isStreamed))).toBe(false);
    expect(await withSamples(239, ({ isStreamed }) => Promise.resolve(isStreamed))).toBe(true);
  });
});

describe("openSamples, read in passing", () => {
  test("has the rows of memory in the same order, split by split, however few are held", async () => {
    const inOrder = (memoryRows: number) =>
      withSamples(memoryRows, async (samples) => {
        const rows = [];
        for (const split of splits) rows.push(await rowsOf(samples[split].inOrder()));
        return rows;
      });
    const inMemory = await inOrder(240);
    expect(inMemory.map((rows) => rows.length)).toEqual([96, 48, 96]);
    expect(await inOrder(16)).toEqual(inMemory);
    expect(await inOrder(100)).toEqual(inMemory);
  });

  test("an epoch has each row once", async () => {
    const all = await withSamples(240, ({ train }) => rowsOf(train.inOrder()));
    for (const memoryRows of [16, 50, 100, 239]) {
      expect((await shuffled(memoryRows, 1, 1)).toSorted()).toEqual(all.toSorted());
    }
  });

  test("its order follows from seed, epoch and limit", async () => {
    const order = await shuffled(100, 1, 1);
    expect(await shuffled(100, 1, 1)).toEqual(order);
    expect(await shuffled(100, 2, 1)).not.toEqual(order);
    expect(await shuffled(100, 1, 2)).not.toEqual(order);
    expect(await shuffled(50, 1, 1)).not.toEqual(order);
  });

  test("with room for all rows it is the order of memory", async () => {
    expect(await shuffled(192, 5, 2)).toEqual(await shuffled(240, 5, 2));
  });

  test("goes on after the rows that are passed over", async () => {
    const order = await shuffled(100, 1, 1);
    await withSamples(100, async ({ train }) => {
      for (const skip of [1, 20, 50, 95, 96]) {
        expect(await rowsOf(train.shuffled({ seed: 1, epoch: 1, skip }))).toEqual(
          order.slice(skip),
        );
      }
    });
  });

  test.each([16, 51, 100, 239])(
    "holds at most %d rows, over all splits and epochs",
    async (limit) => {
      await withSamples(limit, async (samples) => {
        const held = new Map<unknown, number>();
        const note = async (pieces: RowPieces): Promise<void> => {
          for await (const { columns } of pieces) {
            held.set(columns.users.buffer, columns.users.length);
            expect(columns.rows).toBeLessThanOrEqual(columns.users.length);
            expect(columns.historyItems.length).toBe(3 * columns.users.length);
          }
        };
        for (const number of [1, 2]) {
          await note(samples.train.shuffled(epoch(1, number)));
          for (const split of splits) await note(samples[split].inOrder());
        }
        const rows = [...held.values()].reduce((sum, size) => sum + size, 0);
        expect(rows).toBeLessThanOrEqual(limit);
        expect(rows).toBeGreaterThanOrEqual(limit - 1);
      });
    },
  );

  test("can be left in the middle and gone through again", async () => {
    const order = await shuffled(100, 1, 1);
    await withSamples(100, async ({ train, test: testRows }) => {
      for await (const { columns } of train.shuffled(epoch(1, 1))) {
        expect(columns.rows).toBeGreaterThan(0);
        break;
      }
      expect(await rowsOf(testRows.inOrder())).toHaveLength(96);
      expect(await rowsOf(train.shuffled(epoch(1, 1)))).toEqual(order);
    });
  });

  test("knows sizes without reading rows", async () => {
    const sizes = (samples: Samples) =>
      splits.map((split) => {
        const { rows, positives }: SampleSplit = samples[split];
        return { rows, positives };
      });
    const streamed = await withSamples(16, (samples) => Promise.resolve(sizes(samples)));
    expect(streamed).toEqual(await withSamples(240, (all) => Promise.resolve(sizes(all))));
  });

  test("names an item that the catalogue lacks before any row is asked for", async () => {
    const film = { id: 1, attributes: { genre: ["Drama"] } };
    await run.mount({ items: [await run.writeItems([film])] });
    await expect(open(16)).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringMatching(
        /^samples: item \d+, (the target|in the history) of user 1 at place 1 \(train\), is not in items/,
      ) as string,
    });
  });
});
