import type { RecordBatch } from "apache-arrow";
import { z } from "zod";
import { FlowError } from "../base/errors.ts";
import type { RunTask, WrittenFile } from "../flow/task.ts";
import { type Database, withDatabase } from "../tables/database.ts";
import { mountTables } from "../tables/mount-tables.ts";
import { readBatches } from "../tables/read-batches.ts";
import { sqlFile } from "../tables/sql-file.ts";
import { writeBatches } from "../tables/write-batches.ts";
import { embeddingBatch } from "./vectors/embedding-batch.ts";
import { loadItemVectors } from "./vectors/item-vectors.ts";
import { meansOfLikedItems, type LikedItem } from "./vectors/mean-of-liked-items.ts";

const approximateConfig = z.object({
  variant: z.string().describe("Variant of the item vectors."),
  positiveAbove: z.number().describe("A rating above this counts as liked, stars."),
  halfLife: z
    .number()
    .positive()
    .nullish()
    .describe("History positions; none: all liked items weigh the same."),
});

/** Users per part; bounds the vectors in memory besides those of the items. */
const partUsers = 4096;

/**
 * Averages the vectors of the items that less active users liked in their context, see {@link meansOfLikedItems}.
 *
 * Config `{ variant, positiveAbove, halfLife }`; reads `user_tiers`, `user_contexts` and `item_embeddings`; writes parts of
 * `user_embeddings`, none when nobody gets a vector. A user who liked no item with a vector gets none.
 *
 * @throws FlowError `INPUT_INVALID` when there are no item vectors
 */
export const approximateUsers: RunTask = async (task, context) => {
  const { variant, positiveAbove, halfLife } = approximateConfig.parse(task.config);
  return withDatabase(context, async (db) => {
    await mountTables(db, task.inputs, context.runDir);
    const items = await loadItemVectors(db);
    const [count] = await db.rows("select count(*) as users from user_tiers where not is_active");
    const rowsTotal = Number(count?.["users"]);
    const written: WrittenFile[] = [];
    let rowsDone = 0;
    for await (const users of inParts(likedByUser(db, positiveAbove))) {
      const vectors = meansOfLikedItems(users, items, halfLife ?? null);
      const encoder = {
        name: items.encoder,
        hash: items.encoderHash,
        dimension: items.dimension,
      };
      const batch = embeddingBatch({ subject: "user", variant }, encoder, vectors, "liked items");
      if (batch.numRows > 0) {
        written.push(await writeBatches(db, "user_embeddings", [batch], context));
      }
      rowsDone += users.length;
      context.progress({ rowsDone, rowsTotal, unit: "users" });
    }
    context.progress({ rowsDone: rowsTotal, rowsTotal, unit: "users" });
    return written;
  });
};

type LikedByUser = readonly [userId: number, liked: readonly LikedItem[]];

/** Less active users who liked at least one item, by id. */
async function* likedByUser(db: Database, positiveAbove: number): AsyncGenerator<LikedByUser> {
  const params = { positive_above: positiveAbove };
  let current: { readonly userId: number; readonly liked: LikedItem[] } | undefined;
  for await (const batch of readBatches(db, sqlFile("encode/liked_items"), { params })) {
    for (const { userId, ...item } of likedItems(batch)) {
      if (current?.userId !== userId) {
        if (current !== undefined) yield [current.userId, current.liked];
        current = { userId, liked: [] };
      }
      current.liked.push(item);
    }
  }
  if (current !== undefined) yield [current.userId, current.liked];
}

function* likedItems(batch: RecordBatch): Generator<LikedItem & { readonly userId: number }> {
  const users = batch.getChild("user_id");
  const items = batch.getChild("item_id");
  const places = batch.getChild("places_before_last");
  for (let row = 0; row < batch.numRows; row++) {
    const userId: unknown = users?.get(row);
    const itemId: unknown = items?.get(row);
    const placesBeforeLast: unknown = places?.get(row);
    if (
      typeof userId !== "number" ||
      typeof itemId !== "number" ||
      typeof placesBeforeLast !== "number"
    ) {
      throw new FlowError("SCHEMA_MISMATCH", "encode: expected integer users, items and places");
    }
    yield { userId, itemId, placesBeforeLast };
  }
}

async function* inParts(users: AsyncIterable<LikedByUser>): AsyncGenerator<readonly LikedByUser[]> {
  let part: LikedByUser[] = [];
  for await (const user of users) {
    part.push(user);
    if (part.length < partUsers) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}
