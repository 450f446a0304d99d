import { randomUUID } from "node:crypto";
import { FlowError } from "../../base/errors.ts";
import type { RunStore } from "./run-store.ts";

/** What to do about a store in which two machines can both write a file that must not exist. */
export const useConditionalStore =
  "Use a store that has conditional writes, such as AWS S3, MinIO, Ceph (recent), Cloudflare R2, or a shared file system.";

/**
 * Finds out whether a store refuses to write a file that exists, by writing one twice. Without that, two machines could both finish the
 * same task, each with data of its own, and every later table would mix the two. The file is deleted.
 *
 * @throws `CONFIG_INVALID` for a store that does not refuse; what the store throws, such as for lack of permission
 */
export async function probeStore(store: RunStore): Promise<void> {
  const key = `probe/${randomUUID()}`;
  const first = await store.putIfAbsent(key, `first ${randomUUID()}`);
  const second = await store.putIfAbsent(key, `second ${randomUUID()}`);
  await store.delete(key);
  if (first && !second) return;
  const what = first
    ? "wrote a file although it existed: it ignores If-None-Match, so that two machines could both finish the same task"
    : "refused to write a file that did not exist";
  throw new FlowError("CONFIG_INVALID", `The store ${store.name} ${what}. ${useConditionalStore}`);
}
