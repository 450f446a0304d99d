import { defineStage, type StageDef } from "../flow/stage.ts";
import { textsTables } from "../tables/schemas/encode.ts";
import { tableNames } from "../tables/schemas/schema.ts";

export interface TextsOptions {
  /** Columns of ids and of texts. */
  readonly columns: { readonly id: string; readonly text: string };
  /** Absolute. */
  readonly file: string;
  /** Fingerprint of the file. */
  readonly content: string;
}

/** Reads the texts of a file for `r4ec encode`. */
export function textsStage({ columns, file, content }: TextsOptions): StageDef {
  return defineStage({
    name: "texts",
    version: "2",
    module: "encode/texts-task",
    export: "takeTexts",
    config: { ...columns, content },
    runtime: { file },
    inputs: [],
    outputs: tableNames(textsTables),
    maxAttempts: 1,
  });
}
