import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import { jsonOrNull } from "../../base/json.ts";

/** The file with all weights of a folder, where they are not in several. */
export const wholeFile = "model.safetensors";
/** The file that says which of several files has a tensor. */
export const indexFile = "model.safetensors.index.json";

/**
 * Which file of a folder has each tensor; null where one file has all.
 *
 * @throws FlowError `INPUT_INVALID` for an index that cannot be read, or names files elsewhere
 */
export async function readWeightIndex(folder: string): Promise<ReadonlyMap<string, string> | null> {
  const file = path.join(folder, indexFile);
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) return null;
  const index = indexSchema.safeParse(jsonOrNull(text));
  if (index.success) return new Map(Object.entries(index.data.weight_map));
  throw new FlowError("INPUT_INVALID", `${file}: not an index of weights`, { cause: index.error });
}

const indexSchema = z.object({
  weight_map: z.record(
    z.string(),
    z.string().refine((name) => name === path.basename(name) && name.endsWith(".safetensors")),
  ),
});
