import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createHash } from "node:crypto";
import type { FileRef } from "../../src/flow/task.ts";

/** A file that lies in a run folder, as the manifest of its task names it. */
export function fileRef(runDir: string, table: string, path: string, rows: number): FileRef {
  const content = readFileSync(join(runDir, path));
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { table, path, rows, bytes: content.length, sha256 };
}
