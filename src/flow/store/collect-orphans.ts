import type { RunStore } from "./run-store.ts";
import { storedKind } from "./stored-path.ts";
import type { WorkingCopy } from "./working-copy.ts";

/** A file that no manifest names may be about to be named; after so long, by the store's clock, whoever wrote it is gone, ms. */
const orphanMs = 24 * 60 * 60 * 1000;

/**
 * Removes from a store what attempts left that were killed before their manifest: parts, models and adapters that nothing names, a day old
 * and more. Its clock is that of the store: what was written there last was written now. Nothing is removed where there is a manifest that
 * the copy does not know.
 *
 * @returns Number of files removed
 */
export async function collectOrphans(
  store: RunStore,
  { isKnown, namedKeys }: Pick<WorkingCopy, "isKnown" | "namedKeys">,
): Promise<number> {
  const unnamed: { readonly key: string; readonly writtenMs: number }[] = [];
  const named = namedKeys();
  let nowMs = 0;
  for await (const { key, writtenMs } of store.list("")) {
    nowMs = Math.max(nowMs, writtenMs);
    const kind = storedKind(key);
    if ((kind === "manifest" || kind === "stage") && !isKnown(key)) return 0;
    if (kind === "named" && !named.has(key)) unnamed.push({ key, writtenMs });
  }
  const orphans = unnamed.filter(({ writtenMs }) => nowMs - writtenMs > orphanMs);
  for (const { key } of orphans) await store.delete(key);
  return orphans.length;
}
