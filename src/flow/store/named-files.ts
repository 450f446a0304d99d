import { z } from "zod";
import type { NamedFile } from "../file-check.ts";
import { fileRef } from "../file-ref.ts";
import { jsonIn } from "./store-content.ts";

const namedFile = fileRef.pick({ path: true, bytes: true, sha256: true });
const naming = z.looseObject({
  files: z.array(namedFile),
  artifacts: z.array(namedFile).optional(),
});

/** The files that a manifest of a task or stage names, also of one that was put aside; none for any other file. */
export function filesNamedIn(path: string, content: Uint8Array): readonly NamedFile[] {
  if (!/^(manifests|stages)\//.test(path)) return [];
  const found = naming.safeParse(jsonIn(content));
  return found.success ? [...found.data.files, ...(found.data.artifacts ?? [])] : [];
}
