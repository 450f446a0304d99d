import { fingerprintFiles } from "../base/file-fingerprint.ts";
import { importedFiles } from "../encode/vectors/imported-files.ts";
import { toJson } from "../base/json.ts";
import type { Subject } from "../base/terms.ts";
import type { VectorSource } from "../train/variants.ts";
import { pick, stage, type Identify, type PipelineStage } from "./pipeline-stage.ts";

type GivenFiles = Extract<VectorSource, { readonly kind: "files" }>;

/**
 * Takes in the vectors that a variant is given by path, one task a side. What the files hold is part of a task's key, where they lie
 * is not.
 *
 * @throws `CONFIG_INVALID` for a path that leads to no file
 */
export async function importStage(
  { name, users, items }: GivenFiles,
  identify: Identify,
): Promise<PipelineStage> {
  const sides = await identify("encode", () =>
    Promise.all([sideOf("user", users, name), sideOf("item", items, name)]),
  );
  const given = sides?.flat() ?? [];
  return stage("encode", {
    name: `import-${name}`,
    version: "2",
    module: "encode/import-task",
    export: "importVectors",
    config: {},
    runtime: toJson({
      files: Object.fromEntries(given.map(({ subject, files }) => [subject, files])),
    }),
    inputs: ["users", "items"],
    outputs: ["user_embeddings", "item_embeddings"],
    plan: (inputs) =>
      given.map(({ subject, content }) => ({
        params: { subject, variant: name, content },
        inputs: pick(inputs, [`${subject}s`]),
      })),
  });
}

interface GivenSide {
  readonly subject: Subject;
  readonly files: readonly string[];
  readonly content: string;
}

async function sideOf(
  subject: Subject,
  path: string | undefined,
  variant: string,
): Promise<readonly GivenSide[]> {
  if (path === undefined) return [];
  const files = await importedFiles(path, { subject, variant });
  return [{ subject, files, content: await fingerprintFiles(files) }];
}
