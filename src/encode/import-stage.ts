import { toJson } from "../base/json.ts";
import { importStageFor } from "../base/stage-names.ts";
import { subjects, type Subject } from "../base/terms.ts";
import { defineStage, pickTables, type StageDef } from "../flow/stage.ts";
import { embeddingsTables } from "../tables/schemas/encode.ts";
import { dictionariesIn, dictionaryOf } from "../tables/source-ids/source-ids.ts";
import { tableNames } from "../tables/schemas/schema.ts";
import type { ImportedFiles } from "./vectors/imported-files.ts";

/** The files that hold the vectors of users or of items. */
export interface ImportedSide extends ImportedFiles {
  readonly subject: Subject;
  /** Fingerprint of the files and the dictionary. */
  readonly content: string;
}

/** Reads the vectors that a variant is given by path; a task per side. Task keys depend on what the files hold, not on where they are. */
export function importStage(variant: string, sides: readonly ImportedSide[]): StageDef {
  return defineStage({
    name: importStageFor(variant),
    version: "3",
    module: "encode/import-task",
    export: "importVectors",
    config: {},
    runtime: toJson({
      files: Object.fromEntries(sides.map(({ subject, files }) => [subject, files])),
      dictionaries: Object.fromEntries(
        sides.map(({ subject, dictionary }) => [subject, dictionary]),
      ),
      madeBy: Object.fromEntries(
        sides.flatMap(({ subject, run }) => (run ? [[subject, run]] : [])),
      ),
    }),
    inputs: ["users", "items", ...subjects.map(dictionaryOf), "data_fingerprint"],
    outputs: tableNames(embeddingsTables),
    plan: (inputs) =>
      sides.map(({ subject, content, run }) => ({
        params: { subject, variant, content },
        inputs: {
          ...pickTables(inputs, [`${subject}s`]),
          ...dictionariesIn(pickTables(inputs, [dictionaryOf(subject)])),
          ...(run && pickTables(inputs, ["data_fingerprint"])),
        },
      })),
  });
}
