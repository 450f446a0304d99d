import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { FlowError } from "../../../../base/errors.ts";

/** Logs compress 3 to 20 times; deflate can compress zeros 1,032 times. */
const maxRatio = 100;
/** Any file may unpack to this size, whatever its ratio, bytes. 64 MiB. */
const alwaysAllowed = 64 * 1024 * 1024;

/**
 * Refuses gzip bombs before anything is written: unpacks a gzip file, discards and counts the bytes, and stops once they exceed both 100
 * times its size and 64 MiB. Does nothing for other files.
 *
 * @throws `INPUT_INVALID` for a bomb, and for a damaged or truncated file
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
          `${path}: unpacks to more than ${maxRatio} times its size, which no log does, so it is not read. If it is a log, unpack it yourself.`,
        );
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof FlowError) throw error;
    throw new FlowError(
      "INPUT_INVALID",
      `${path} cannot be unpacked (${error instanceof Error ? error.message : String(error)}); download or compress it again`,
      { cause: error },
    );
  } finally {
    file.destroy();
  }
}
