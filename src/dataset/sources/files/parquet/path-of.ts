import { literalPath } from "../../../../tables/files/literal-path.ts";
import { quote } from "../../../../tables/quote.ts";
import type { SourceFile } from "../find-files.ts";

/** SQL of a file's path: as it stands, but for a URL, which may name several files. */
export function pathOf({ path, bytes }: SourceFile): string {
  return bytes === null ? quote(path) : literalPath(path);
}
