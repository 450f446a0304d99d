import { join } from "node:path";
import type { LoraAdapter } from "./lora-adapter.ts";
import { peftFiles } from "./peft-names.ts";
import { writeGgufAdapter } from "./write-gguf-adapter.ts";
import { writePeftFolder } from "./write-peft-folder.ts";

/** The files of an adapter: for PEFT and what loads its folders, and for llama.cpp. */
export const adapterFiles = { ...peftFiles, gguf: "adapter.gguf" } as const;

/** Whose adapter it is, and of which task. */
export interface AdapterPlace {
  readonly subject: string;
  readonly role: string;
  readonly taskKey: string;
}

/** Folder of an adapter's files, relative to the run folder: `adapters/<subject>-<role>-<first 8 of the task's key>`. */
export function adapterFolder({ subject, role, taskKey }: AdapterPlace): string {
  return `adapters/${subject}-${role}-${taskKey.slice(0, 8)}`;
}

/** The files of an adapter, relative to the run folder, with forward slashes. */
export function adapterPaths(place: AdapterPlace): readonly string[] {
  return Object.values(adapterFiles).map((name) => `${adapterFolder(place)}/${name}`);
}

/** The file that llama.cpp takes, in an adapter's folder. */
export function ggufIn(folder: string): string {
  return join(folder, adapterFiles.gguf);
}

/** Writes all {@link adapterFiles} of an adapter, each replaced atomically. */
export async function writeAdapter(folder: string, adapter: LoraAdapter): Promise<void> {
  await writeGgufAdapter(ggufIn(folder), adapter);
  await writePeftFolder(folder, adapter);
}
