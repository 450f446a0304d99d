import { once } from "node:events";
import { printable } from "../../base/printable.ts";

/**
 * Writes pieces of text to stdout at the speed of its reader; ends when that is closed or full. Characters that a terminal would act on
 * are replaced for a terminal; to a file or a program the text goes as it is.
 */
export async function printPieces(pieces: AsyncIterable<string>): Promise<void> {
  for await (const piece of pieces) {
    if (process.stdout.destroyed) return;
    if (process.stdout.write(process.stdout.isTTY ? printable(piece) : piece)) continue;
    try {
      await once(process.stdout, "drain");
    } catch {
      return; // why is told at the end
    }
  }
}
