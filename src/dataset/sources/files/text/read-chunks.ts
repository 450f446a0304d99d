import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { FlowError } from "../../../../base/errors.ts";

/** Logs compress 3 to 20 times; deflate can compress zeros 1,032 times. */
const maxRatio = 100;
/** Any file may unpack to this size, whatever its ratio, bytes. 64 MiB. */
const alwaysAllowed = 64 * 1024 * 1024;

/**
 * Reads the bytes of a file in order, unpacked if its name ends in .gz.
 *
 * @throws `INPUT_INVALID` for a damaged or truncated gzip file, and for a gzip bomb: one that unpacks to more than both 100 times its
 *   size and 64 MiB; what reading throws
 */
export async function* readChunks(path: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const options = { highWaterMark: 1024 * 1024, ...(signal && { signal }) };
  const file = createReadStream(path, options);
  if (!path.toLowerCase().endsWith(".gz")) {
    yield* file as AsyncIterable<Buffer>;
    return;
  }
  const unpacked = file.pipe(createGunzip({ chunkSize: 1024 * 1024 }));
  file.on("error", (error) => unpacked.destroy(error));
  let bytes = 0;
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > alwaysAllowed && bytes > maxRatio * file.bytesRead) throw bomb(path);
      yield chunk;
    }
  } catch (error) {
    signal?.throwIfAborted();
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

function bomb(path: string): FlowError {
  return new FlowError(
    "INPUT_INVALID",
    `${path}: unpacks to more than ${maxRatio} times its size, which no log does, so it is not read. If it is a log, unpack it yourself.`,
  );
}
