import { once } from "node:events";

/** Writes pieces of text to stdout, no faster than they are read; ends when nobody reads any more. */
export async function printPieces(pieces: AsyncIterable<string>): Promise<void> {
  for await (const piece of pieces) {
    if (process.stdout.write(piece)) continue;
    try {
      await once(process.stdout, "drain");
    } catch (error) {
      const isClosedPipe = error instanceof Error && "code" in error && error.code === "EPIPE";
      if (!isClosedPipe) throw error;
      return;
    }
  }
}
