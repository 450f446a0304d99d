import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { FlowError } from "../../../../base/errors.ts";

/** Logs shrink 3 to 20 times; deflate can shrink zeros 1,032 times. */
const maxRatio = 100;
/** A small file may unpack to this whatever its ratio, bytes. 64 MiB. */
const alwaysAllowed = 64 * 1024 * 1024;

/**
 * Unpacks a gzip file to nowhere and counts, so that nothing is written of one that unpacks to more than 100 times its size and 64 MiB:
 * it stops as soon as there is too much. Other files are left alone.
 *
 * @throws `INPUT_INVALID` for such a file, and for one that is damaged or cut off
 */
export async function refuseBomb(path: string, signal: AbortSignal): Promise<void> {
  if (!path.toLowerCase().endsWith(".gz")) return;
  const file = createReadStream(path, { highWaterMark: 1024 * 1024, signal });
  const unpacked = file.pipe(createGunzip({ chunkSize: 1024 * 1024 }));
  file.on("error", (error) => unpacked.destroy(error));
  let bytes = 0;
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > alwaysAllowed && bytes > maxRatio * file.bytesRead) {
        throw new FlowError(
          "INPUT_INVALID",
          `${path}: unpacks to more than ${maxRatio} times its size, as no log does; it is not read. If it is one, unpack it yourself.`,
        );
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof FlowError) throw error;
    throw new FlowError(
      "INPUT_INVALID",
      `${path} cannot be unpacked (${error instanceof Error ? error.message : String(error)}); download or pack it again`,
      { cause: error },
    );
  } finally {
    file.destroy();
  }
}
