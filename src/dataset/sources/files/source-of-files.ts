import type { AttributeColumn } from "./metadata/attribute-values.ts";
import type { FilesSettings } from "./settings.ts";

/** How the texts of a source's metadata are read. */
export interface MetadataForms {
  /** SQL that cleans titles and running texts. */
  readonly cleaned?: (text: string) => string;
  /** How to read the items' attribute columns, in their order. Default: all values, under the column's name. */
  readonly attributes?: readonly AttributeForm[];
}

export type AttributeForm = Pick<AttributeColumn, "name" | "cleaned" | "place">;

/** A source as files, which may be read in groups. */
export interface SourceOfFiles {
  readonly settings: FilesSettings;
  readonly forms: MetadataForms;
  /** Runs work on the files; its errors name the source's own settings. */
  readonly run: <T>(work: () => Promise<T>) => Promise<T>;
}
