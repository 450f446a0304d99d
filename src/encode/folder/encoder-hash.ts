import path from "node:path";
import { contentHash } from "../../base/files/content-hash.ts";
import { canonicalJson, type Json } from "../../base/json.ts";
import { sha256 } from "../../base/sha256.ts";

/**
 * The identity of an encoder: the content of its files and the settings that its vectors depend on. Paths and times are not part of it,
 * so a copy of a folder is the same encoder. Of large weights, samples are hashed: see {@link contentHash}.
 *
 * @param files - Names relative to `folder`
 * @param settings - Everything else that a vector depends on
 * @returns 16 hexadecimal digits
 */
export async function encoderHash(
  folder: string,
  files: readonly string[],
  settings: Json,
): Promise<string> {
  const contents = await Promise.all(
    files
      .toSorted()
      .map(async (file) => [file, await contentHash(path.join(folder, file))] as const),
  );
  const identity = canonicalJson({ files: Object.fromEntries(contents), settings });
  return sha256(identity).slice(0, 16);
}
