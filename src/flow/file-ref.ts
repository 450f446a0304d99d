import { z } from "zod";

/** Parses the name of a file in a manifest. The path stays in the run folder, whoever wrote the manifest. */
export const fileRef = z.looseObject({
  table: z.string(),
  path: z
    .string()
    .regex(/^(tables|models|adapters)\/./)
    .refine((path) => path.split(/[/\\]/).every((name) => !["", ".", ".."].includes(name))),
  rows: z.int().min(0),
  bytes: z.int().min(0),
  sha256: z.string(),
  stage: z.string().optional(),
  bucket: z.int().min(0).optional(),
});
