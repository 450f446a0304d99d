/**
 * @file Writes the pages of docs/ that follow from the code. With --check writes nothing and fails when a page is out of date.
 *
 * Run: `npm run docs [-- --check]`
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import { z } from "zod";
import { pipelineSettings } from "../src/pipeline/settings.ts";
import type { JsonSchema } from "./schema-type.ts";
import { settingsPage } from "./settings-page.ts";
import { tablesPage } from "./tables-page.ts";

const pages: Readonly<Record<string, () => string>> = {
  "docs/tables.md": tablesPage,
  "docs/settings.md": () =>
    settingsPage(z.toJSONSchema(pipelineSettings, { io: "input" }) as JsonSchema),
};

const isCheck = process.argv.includes("--check");
for (const [name, page] of Object.entries(pages)) {
  const path = fileURLToPath(new URL(`../${name}`, import.meta.url));
  const text = await format(page(), { ...(await resolveConfig(path)), filepath: path });
  const written = await readFile(path, "utf8").catch(() => "");
  if (text === written) continue;
  if (isCheck) {
    process.stderr.write(`${name} is out of date: run npm run docs\n`);
    process.exitCode = 1;
  } else await writeFile(path, text);
}
