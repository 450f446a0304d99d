import type { DatasetSettings } from "../settings.ts";
import { sourceOf } from "./registry.ts";

/** A short text that changes with the source's data: part of the ingest stage's configuration, so that changed data are read again. */
export function fingerprint(dataset: DatasetSettings): Promise<string> {
  return sourceOf(dataset).fingerprint(dataset);
}
