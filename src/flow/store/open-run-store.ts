import { FlowError } from "../../base/errors.ts";
import { probeStore } from "./probe.ts";
import type { RunStore } from "./run-store.ts";

/** Whether a run's place is one of a store, and not a folder. */
export function isStoreUri(place: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(place);
}

export interface StoreAccess {
  /** Variables that say how stores are reached. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether the run will be written: then it is tried whether of two writers only one wins. */
  readonly isWritten: boolean;
}

/**
 * Opens the store of a run.
 *
 * @param place - `s3://bucket/prefix`
 * @throws `CONFIG_INVALID` for another kind of place, and for a store without conditional writes; what opening it throws
 */
export async function openRunStore(
  place: string,
  { environment, isWritten }: StoreAccess,
): Promise<RunStore> {
  if (!place.toLowerCase().startsWith("s3://")) {
    throw new FlowError(
      "CONFIG_INVALID",
      `${place}: a run is a folder, or s3://bucket/prefix. Other stores than AWS's are named by AWS_ENDPOINT_URL_S3.`,
    );
  }
  const { openS3Store } = await import("./s3/open-s3-store.ts");
  const store = await openS3Store(place, { environment });
  try {
    if (isWritten) await probeStore(store);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}
