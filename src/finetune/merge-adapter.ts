import { stat } from "node:fs/promises";
import { nullIfMissing } from "../base/files/durable-file.ts";
import { readPeftFolder } from "./adapter/read-peft-folder.ts";
import { writeMergedFolder } from "./adapter/write-merged-folder.ts";
import { openBaseModel } from "./base/open-base-model.ts";

/**
 * Writes the base model with an adapter merged into its weights, as a Hugging Face folder; does nothing where the folder is there.
 *
 * @param target - Folder to make
 * @param adapter - Folder of the adapter
 * @throws what opening the base model, reading the adapter and writing the folder throw
 */
export async function mergeAdapter(target: string, adapter: string, base: string): Promise<void> {
  if ((await stat(target).catch(nullIfMissing)) !== null) return;
  const { config, weights } = await openBaseModel(base);
  try {
    await writeMergedFolder(target, {
      adapter: await readPeftFolder(adapter, config),
      ...{ weights, base },
    });
  } finally {
    await weights.close();
  }
}
