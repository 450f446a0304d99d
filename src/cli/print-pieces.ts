import { once } from "node:events";

/** Writes pieces of text to stdout at the speed of its reader; ends when the reader closes it. */
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
