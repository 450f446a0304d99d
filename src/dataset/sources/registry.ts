import type { z } from "zod";
import { amazon } from "./amazon/source.ts";
import { files } from "./files/source.ts";
import { movielens } from "./movielens/source.ts";
import { quickstart } from "./quickstart/source.ts";
import type { Source } from "./source.ts";

/** All sources, in the order in which they are documented. */
export const sources = [quickstart, movielens, ...files, amazon] as const;

/** A `dataset` block of any source, checked, with defaults filled in. */
type SourceSettings = z.output<(typeof sources)[number]["settings"]>;

const [first, ...others] = sources;

/** The schemas of all `dataset` blocks. */
export const sourceSchemas = [first.settings, ...others.map(({ settings }) => settings)] as const;

/** The source that a `dataset` block is for. */
export function sourceOf(settings: SourceSettings): Source<SourceSettings> {
  const found = sources.find(({ name }) => name === settings.source);
  if (found === undefined) throw new Error(`internal: no source ${settings.source}`);
  return found;
}
