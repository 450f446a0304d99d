import { readFile } from "node:fs/promises";

/** r4ec's version, from its package.json. */
export async function packageVersion(): Promise<string> {
  const text = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  const { version } = JSON.parse(text) as { readonly version: string }; // our own file
  return version;
}
