import { join, resolve } from "node:path";
import { stringify } from "yaml";
import { synthesize } from "../dataset/synth/synthesize.ts";
import { FlowError } from "../base/errors.ts";
import { runtimeOf } from "../pipeline/settings.ts";
import { printText } from "./terminal.ts";
import { withProgress } from "./progress/with-progress.ts";

export interface SynthOptions {
  readonly rows: string;
  readonly users: string;
  readonly items: string;
  readonly out: string;
  readonly seed: string;
  readonly files?: string;
}

/** Writes a synthetic log, and prints the `dataset` block of a pipeline file that reads it. */
export async function synthCommand(options: SynthOptions): Promise<void> {
  const { rows, users, items, seed, files } = options;
  const outDir = resolve(options.out);
  const written = await withProgress((view, signal) =>
    synthesize({
      ...runtimeOf({ runtime: {} }),
      rows: wholeNumber("rows", rows),
      users: wholeNumber("users", users),
      items: wholeNumber("items", items),
      seed: wholeNumber("seed", seed),
      ...(files !== undefined && { files: wholeNumber("files", files) }),
      outDir,
      signal,
      onProgress: view.follow("synth"),
    }),
  );
  const dataset = {
    source: "parquet",
    interactions: join(outDir, "interactions-*.parquet"),
    columns: { user: "user_id", item: "item_id", time: "ts", rating: "rating" },
    items: {
      path: written.items,
      id: "item_id",
      title: "title",
      attributes: ["genre", "studio"],
    },
  };
  printText(stringify({ dataset }));
}

function wholeNumber(option: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new FlowError("CONFIG_INVALID", `--${option}: expected a whole number, got ${text}`);
}
