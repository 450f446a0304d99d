import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import path from "node:path";
import { canonicalJson, type Json } from "../../base/json.ts";
import { sha256 } from "../../base/sha256.ts";

/** Files up to this size are hashed completely; of larger ones, samples. */
const wholeBytes = 64 * 1024 * 1024;
const sampleBytes = 64 * 1024;
const samples = 64;

/**
 * The identity of an encoder: the content of its files and the settings that its vectors depend on. Paths and times are not part of it,
 * so a copy of a folder is the same encoder. Of weights above 64 MiB, only the size and evenly spread samples are hashed: other weights
 * differ everywhere, and hashing gigabytes would delay every start.
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

async function contentHash(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const hash = createHash("sha256").update(String(size));
    if (size <= wholeBytes) hash.update(await handle.readFile());
    else {
      const buffer = Buffer.alloc(sampleBytes);
      for (let sample = 0; sample < samples; sample++) {
        const position = Math.floor(((size - sampleBytes) * sample) / (samples - 1));
        const { bytesRead } = await handle.read(buffer, 0, sampleBytes, position);
        hash.update(buffer.subarray(0, bytesRead));
      }
    }
    return hash.digest("hex");
  } finally {
    await handle.close();
  }
}
