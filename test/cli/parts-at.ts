import { openRunStore } from "../../src/flow/store/open-run-store.ts";
import { withWorkingCopy } from "../../src/flow/store/with-working-copy.ts";
import { partsOf } from "./parts-of.ts";

/** {@link partsOf} a run in a store, read through a cache of its own. */
export async function partsAt(
  place: string,
  environment: Readonly<Record<string, string>>,
  cacheDir: string,
): ReturnType<typeof partsOf> {
  const store = await openRunStore(place, { environment, isWritten: false });
  try {
    return await withWorkingCopy(
      store,
      {
        ...{ wanted: { named: () => true }, mode: "read", onNote: () => undefined },
        ...{ cacheDir, cacheBytes: 1e9 },
      },
      ({ dir }) => partsOf(dir),
    );
  } finally {
    await store.close();
  }
}
