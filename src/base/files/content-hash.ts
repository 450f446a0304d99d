import { createHash } from "node:crypto";
import { open } from "node:fs/promises";

/** Files up to this size are hashed completely; of larger ones, samples. */
const wholeBytes = 64 * 1024 * 1024;
const sampleBytes = 64 * 1024;
const samples = 64;

/**
 * A hash of a file's content, without its path and times, so that a copy has the same. Of files above 64 MiB, which are weights of
 * models, only the size and evenly spread samples are hashed: other weights differ everywhere, and hashing gigabytes would delay every
 * start.
 *
 * @returns 64 hexadecimal digits
 */
export async function contentHash(file: string): Promise<string> {
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
